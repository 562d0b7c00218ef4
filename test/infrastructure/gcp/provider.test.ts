import { ComputeInstanceTemplate } from "@cdktf/provider-google/lib/compute-instance-template";
import { App } from "cdktf";
import { expect, test } from "vitest";
import { gcpProvider, labelsOf } from "../../../lib/infrastructure/gcp/provider";
import { LayerStack, LocalState } from "../../../lib/layer";
import { Template } from "../../../lib/testing";

const place = { project: "acme-caravan-prod", region: "europe-west1" };

test("tags become what Google takes for labels", () => {
  expect(labelsOf({ Owner: "Jane Doe <jane@example.com>", "caravan-environment": "prod" })).toEqual({
    owner: "jane-doe--jane-example-com-",
    "caravan-environment": "prod",
  });
  expect(labelsOf({ purpose: "p".repeat(80) })["purpose"]).toHaveLength(63);
});

test("the provider lays labels on, and a machine's network tags stay a list", () => {
  const stack = new LayerStack(new App(), "prod-a", {
    environment: { name: "prod", state: new LocalState() },
    policyRules: [],
  });
  gcpProvider(stack, place, { team: "Platform" });
  new ComputeInstanceTemplate(stack, "template", {
    machineType: "e2-standard-2",
    disk: [{ sourceImage: "image" }],
    tags: ["caravan-vault-prod"],
  });
  const template = Template.of(stack);
  expect(template.json["provider"]).toEqual({
    google: [{ ...place, default_labels: { team: "platform" } }],
  });
  expect(template.resource("google_compute_instance_template.template")["tags"]).toEqual(["caravan-vault-prod"]);
});
