import { type GcpCloud, type GcpEnvironmentValues, products } from "../../../lib/node";
import { serverTag } from "../../../lib/node/cloud/gcp";
import type { Scope } from "../../support/temporary";
import { gcp } from "../examples";
import { ADMINISTRATOR, ImitatedNetwork } from "./imitated";
import { CLOUD, type Ground, type Host, STORE, startGround } from "./network";

const BUCKET = "caravan-prod-cluster";
const RING = "caravan-prod-keys";
const ZONES = ["europe-west1-b", "europe-west1-c", "europe-west1-d"];
const OBJECTS = `https://storage.googleapis.com/storage/v1/b/${BUCKET}/o`;
const CREATED = "2026-01-01T00:00:00.000-08:00";
const METADATA = "169.254.169.254";

const account = (name: string, uniqueId: string) => ({
  name: `projects/${gcp.project}/serviceAccounts/${name}`,
  projectId: gcp.project,
  uniqueId,
  email: `${name}@${gcp.project}.iam.gserviceaccount.com`,
});

const ACCOUNTS = {
  "server-main": account("caravan-prod-server-main", "100000000000000000001"),
  "worker-general": account("caravan-prod-worker-general", "100000000000000000002"),
} as const;

/** A network with Google's own names: fake-gcs-server, and imitations of what it does not have. Their limits stand in README.md. */
export class GcpLan extends ImitatedNetwork {
  readonly cloud: GcpCloud = gcp;
  readonly secrets = {
    ca: `projects/${gcp.project}/secrets/caravan-prod-public-ca`,
    bootstrapTokens: `projects/${gcp.project}/secrets/caravan-prod-bootstrap`,
    recoveryKeys: `projects/${gcp.project}/secrets/caravan-prod-recovery-keys`,
  };
  protected readonly identities = Object.fromEntries(
    Object.entries(ACCOUNTS).map(([group, { email }]) => [group, email]),
  );
  private readonly instances: object[] = [];

  private constructor(ground: Ground) {
    const services = ["secretmanager", "compute", "iam", "logging", "cloudkms", "www"];
    super(ground, {
      [CLOUD]: [...services.map((service) => `${service}.googleapis.com`), "accounts.google.com"],
      [STORE]: ["storage.googleapis.com"],
      [METADATA]: ["metadata.google.internal", "metadata"],
    });
  }

  /** @param fakeGcs The program. */
  static async start(scope: Scope, fakeGcs: string): Promise<GcpLan> {
    const lan = new GcpLan(await startGround(scope, ["*.googleapis.com", "accounts.google.com"]));
    lan.tellGoogle();
    await lan.imitate("gcp.mjs");
    const { certificate, certificateKey } = lan;
    const options = ["-backend", "memory", "-scheme", "https", "-host", STORE, "-port", "443", "-log-level", "error"];
    const served = [...options, "-cert-location", certificate, "-private-key-location", certificateKey];
    await lan.program([fakeGcs, ...served], "fake-gcs-server", `https://${STORE}/`);
    lan.storage(
      ["-H", "Content-Type: application/json", "-d", JSON.stringify({ name: BUCKET })],
      `https://storage.googleapis.com/storage/v1/b?project=${gcp.project}`,
    );
    return lan;
  }

  /** What nodes are told. */
  get values(): GcpEnvironmentValues {
    return {
      bucket: BUCKET,
      sealKeyRing: RING,
      sealCryptoKey: "seal",
      keyringKeyRing: RING,
      keyringCryptoKey: "keyring",
      publicCaSecret: this.secrets.ca,
      bootstrapTokensSecret: this.secrets.bootstrapTokens,
      recoveryKeysSecret: this.secrets.recoveryKeys,
      deployerRoles: [account("deployer", "").email],
      plannerRoles: [account("planner", "").email],
      nodeRoles: this.identities,
      logGroup: `projects/${gcp.project}/logs/caravan-prod-nodes`,
    };
  }

  /** A host that runs as an instance of the group of this name. */
  async host(role: "server" | "worker", group: string): Promise<Host> {
    const id = String(7_000_000_000_000_000_000n + BigInt(this.instances.length));
    const manager = `caravan-prod-${role}-${group}`;
    const name = `${manager}-x${this.instances.length}`;
    const zone = `projects/1/zones/${ZONES[this.instances.length % ZONES.length]}`;
    const runs = role === "server" ? products : [];
    const host = await this.addHost(
      (address) => {
        this.instances.push({
          id,
          name,
          zone: `https://www.googleapis.com/compute/v1/${zone}`,
          status: "RUNNING",
          creationTimestamp: CREATED,
          labels: Object.fromEntries(runs.map((product) => [`caravan-${product}`, "prod"])),
          tags: { items: runs.map((product) => serverTag("prod", product)) },
          networkInterfaces: [{ networkIP: address }],
        });
        return {
          id,
          metadata: {
            instance: { id, name, zone, networkInterfaces: [{ ip: address }] },
            attributes: { "created-by": `projects/1/regions/${gcp.region}/instanceGroupManagers/${manager}` },
            project: gcp.project,
            account: ACCOUNTS[`${role}-${group}` as keyof typeof ACCOUNTS],
            created: CREATED,
          },
        };
      },
      "gcp-metadata.mjs",
      this.signer,
    );
    this.tellGoogle();
    return host;
  }

  proofOf(role: string): string {
    const identity = `http://${METADATA}/computeMetadata/v1/instance/service-accounts/default/identity`;
    return `curl -sf -H 'Metadata-Flavor: Google' '${identity}?audience=http://vault/${role}&format=full'`;
  }

  subjectOf(role: keyof typeof ACCOUNTS): string {
    return ACCOUNTS[role].uniqueId;
  }

  object(key: string): string | undefined {
    const { status, stdout } = this.curl(STORE, ["-f", `${OBJECTS}/${encodeURIComponent(key)}?alt=media`]);
    return status === 0 ? stdout : undefined;
  }

  keys(prefix: string): string[] {
    const { items = [] } = JSON.parse(this.storage([], `${OBJECTS}?prefix=${encodeURIComponent(prefix)}`));
    return items.map(({ name }: { readonly name: string }) => name).sort();
  }

  putObject(key: string, text: string): void {
    const upload = `https://storage.googleapis.com/upload/storage/v1/b/${BUCKET}/o?uploadType=media`;
    this.storage(["--data-binary", text], `${upload}&name=${encodeURIComponent(key)}`);
  }

  secret(name: string): string | undefined {
    const headers = ["-H", `Authorization: Bearer ya29.${ADMINISTRATOR}`];
    const address = `https://secretmanager.googleapis.com/v1/${name}/versions/latest:access`;
    const { status, stdout } = this.curl(CLOUD, ["-f", ...headers, address]);
    return status === 0 ? Buffer.from(JSON.parse(stdout).payload.data, "base64").toString() : undefined;
  }

  private storage(args: readonly string[], url: string): string {
    const { status, stdout, stderr } = this.curl(STORE, ["--fail-with-body", ...args, url]);
    if (status !== 0) throw new Error(`${args.join(" ")} ${url}: ${stderr}${stdout}`);
    return stdout;
  }

  private tellGoogle(): void {
    const keys = ["seal", "keyring"].map(
      (name) => `projects/${gcp.project}/locations/${gcp.region}/keyRings/${RING}/cryptoKeys/${name}`,
    );
    const accounts = [...Object.values(ACCOUNTS), { email: ADMINISTRATOR }];
    this.tellCloud({ accounts, instances: this.instances, zones: ZONES, keys });
  }
}
