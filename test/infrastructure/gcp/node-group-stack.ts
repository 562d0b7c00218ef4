import { gunzipSync } from "node:zlib";
import type { LayerStack } from "../../../lib";
import { GcpNodeAccount } from "../../../lib/infrastructure/gcp/node-account";
import type { GcpNodeGroupProps } from "../../../lib/infrastructure/gcp/node-group";
import { GcpServerGroup, type GcpServerGroupProps } from "../../../lib/infrastructure/gcp/server-group";
import { GcpWorkerGroup, type GcpWorkerGroupProps } from "../../../lib/infrastructure/gcp/worker-group";
import type { GcpEnvironmentValues } from "../../../lib/node/environment-file";
import { Template } from "../../../lib/testing";
import { gcp, server } from "../../node/examples";
import { emptyStack, KEY, place } from "./identity-fixture";

const { role: _, group: __, ...rest } = server;

export const cluster = { ...rest, cloud: gcp, datacenter: gcp.region };

const EMAIL = "acme-caravan-prod.iam.gserviceaccount.com";

export const environmentValues: GcpEnvironmentValues = {
  bucket: "caravan-prod-cluster-b4e710b114",
  sealKeyRing: "caravan-prod-keys",
  sealCryptoKey: "seal",
  keyringKeyRing: "caravan-prod-keys",
  keyringCryptoKey: "keyring",
  publicCaSecret: "projects/acme-caravan-prod/secrets/caravan-prod-public-ca",
  bootstrapTokensSecret: "projects/acme-caravan-prod/secrets/caravan-prod-bootstrap",
  recoveryKeysSecret: "projects/acme-caravan-prod/secrets/caravan-prod-recovery-keys",
  deployerRoles: [`caravan-prod-deployer@${EMAIL}`],
  plannerRoles: [`caravan-prod-planner@${EMAIL}`],
  nodeRoles: {
    "server-main": `caravan-prod-server-main@${EMAIL}`,
    "worker-general": `caravan-prod-worker-general@${EMAIL}`,
  },
  logGroup: "projects/acme-caravan-prod/logs/caravan-prod-nodes",
};

export const common: Omit<GcpNodeGroupProps, "group" | "account"> = {
  cluster,
  values: environmentValues,
  images: {
    x86_64: "projects/debian-cloud/global/images/debian-12-bookworm-v20261110",
    arm64: "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20261110",
  },
  subnetId: "projects/acme-caravan-prod/regions/europe-west1/subnetworks/caravan-prod-nodes",
  zones: ["europe-west1-b", "europe-west1-c", "europe-west1-d"],
  kmsKeyName: KEY,
  tags: { "Cost-Center": "Platform" },
};

/** A group of servers with an account of its own, judged by the whole policy. */
export function serversIn(stack: LayerStack, props: Partial<GcpServerGroupProps> = {}): GcpServerGroup {
  const { group = "main" } = props;
  const account = new GcpNodeAccount(stack, `account-server-${group}`, { ...place, plane: "server", group: "main" });
  return new GcpServerGroup(stack, `server-${group}`, { ...common, group, account, ...props });
}

/** A group of workers with an account of its own, judged by the whole policy. */
export function workersIn(stack: LayerStack, props: Partial<GcpWorkerGroupProps> = {}): GcpWorkerGroup {
  const { group = "general" } = props;
  const account = new GcpNodeAccount(stack, `account-worker-${group}`, { ...place, plane: "worker", group: "general" });
  return new GcpWorkerGroup(stack, `worker-${group}`, { ...common, group, account, ...props });
}

export function serverTemplate(props: Partial<GcpServerGroupProps> = {}, deletionProtection = true): Template {
  const stack = emptyStack(deletionProtection);
  serversIn(stack, props);
  return Template.of(stack);
}

export function workerTemplate(props: Partial<GcpWorkerGroupProps> = {}): Template {
  const stack = emptyStack();
  workersIn(stack, props);
  return Template.of(stack);
}

/** The arguments of the only resource of a type. */
export function only(template: Template, type: string): Readonly<Record<string, unknown>> {
  const [found, ...more] = template.resources(type);
  if (found === undefined || more.length > 0) throw new Error(`not one ${type}: ${template.addresses.join(" ")}`);
  return found.arguments;
}

/** What of the machines' cloud-init document is known at synth. */
export function documentOf(template: Template): string {
  const { metadata } = only(template, "google_compute_region_instance_template") as {
    metadata: Record<string, string>;
  };
  const given = String(metadata["user-data"]);
  return gunzipSync(Buffer.from(given.slice(0, given.indexOf("$")), "base64")).toString();
}
