import { expect, test } from "vitest";
import { AzurermState, ContractSchema, GcsState, LayerStack, LocalState, S3State, type State } from "../../lib";
import { synthesized, testApp } from "../support/synth";

const schema = ContractSchema.of<object>()({ name: "layer", version: 1, applied: {} });

const states: [string, State, object, object][] = [
  [
    "s3",
    new S3State({
      bucket: "acme-state",
      region: "eu-central-1",
      keyPrefix: "platform/",
      transform: { backend: { usePathStyle: true } },
    }),
    {
      bucket: "acme-state",
      key: "platform/prod-a.tfstate",
      region: "eu-central-1",
      use_path_style: true,
      use_lockfile: true,
    },
    {
      bucket: "acme-state",
      key: "platform/prod-a.tfstate",
      region: "eu-central-1",
      use_path_style: true,
    },
  ],
  [
    "gcs",
    new GcsState({ bucket: "acme-state", prefix: "platform/" }),
    { bucket: "acme-state", prefix: "platform/prod-a" },
    { bucket: "acme-state", prefix: "platform/prod-a" },
  ],
  [
    "azurerm",
    new AzurermState({ storageAccountName: "acme", containerName: "state", resourceGroupName: "rg" }),
    {
      storage_account_name: "acme",
      container_name: "state",
      resource_group_name: "rg",
      key: "prod-a.tfstate",
      use_azuread_auth: true,
    },
    {
      storage_account_name: "acme",
      container_name: "state",
      resource_group_name: "rg",
      key: "prod-a.tfstate",
      use_azuread_auth: true,
    },
  ],
  ["local", new LocalState(), { path: "../../../prod-a.tfstate" }, { path: "../../../prod-a.tfstate" }],
];

test("a key of its own encrypts the state; otherwise the bucket decides", () => {
  const app = testApp();
  const kmsKeyId = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const state = new S3State({ bucket: "acme-state", region: "eu-central-1", kmsKeyId });
  new LayerStack(app, "prod-a", { environment: { name: "prod", state } });
  expect(synthesized(app, "prod-a").terraform.backend.s3).toMatchObject({ encrypt: true, kms_key_id: kmsKeyId });
});

test.each(states)("%s: the backend of one stack is where another reads", (kind, state, backend, config) => {
  const app = testApp();
  const environment = { name: "prod", state };
  const contract = schema.publish(new LayerStack(app, "prod-a", { environment }), {}, {});
  contract.applied(new LayerStack(app, "prod-b", { environment }));
  expect(synthesized(app, "prod-a").terraform.backend).toEqual({ [kind]: backend });
  const reader = synthesized(app, "prod-b").data.terraform_remote_state["layer-contract-prod-a"];
  expect({ backend: reader.backend, config: reader.config }).toEqual({ backend: kind, config });
});
