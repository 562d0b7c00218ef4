import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { AzureCloud, AzureEnvironmentValues } from "../../../lib/node";
import { VAULT_RESOURCE } from "../../../lib/node/cloud/azure";
import type { Scope } from "../../support/temporary";
import { azure } from "../examples";
import { ADMINISTRATOR, ImitatedNetwork } from "./imitated";
import { CLOUD, type Ground, type Host, STORE, startGround } from "./network";

const ACCOUNT = "caravanprod";
const BLOBS = `${ACCOUNT}.blob.core.windows.net`;
const VAULTS = {
  keys: "caravan-prod-keys",
  ca: "caravan-prod-ca",
  bootstrapTokens: "caravan-prod-bootstrap",
  recoveryKeys: "caravan-prod-recovery",
} as const;
const STORAGE = "https://storage.azure.com";

/** A network with Azure's own names: Azurite, and imitations of what it does not have. Their limits stand in README.md. */
export class AzureLan extends ImitatedNetwork {
  readonly cloud: AzureCloud = azure;
  readonly secrets = {
    ca: `https://${VAULTS.ca}.vault.azure.net/secrets/public-ca`,
    bootstrapTokens: `https://${VAULTS.bootstrapTokens}.vault.azure.net/secrets/bootstrap`,
    recoveryKeys: `https://${VAULTS.recoveryKeys}.vault.azure.net/secrets/recovery-keys`,
  };
  /** Object ids. */
  protected readonly identities = { "server-main": randomUUID(), "worker-general": randomUUID() };
  private readonly scaleSets: Record<string, { networkInterfaces: object[]; virtualMachines: object[] }> = {};

  private readonly tokens = new Map<string, string>();

  private constructor(ground: Ground) {
    const vaults = Object.values(VAULTS).map((name) => `${name}.vault.azure.net`);
    super(ground, {
      [CLOUD]: ["login.microsoftonline.com", "management.azure.com", ...vaults],
      [STORE]: [BLOBS],
    });
  }

  /** @param azurite The program. */
  static async start(scope: Scope, azurite: string): Promise<AzureLan> {
    const names = ["login.microsoftonline.com", "management.azure.com", "*.vault.azure.net", BLOBS];
    const lan = new AzureLan(await startGround(scope, names));
    lan.tellAzure();
    await lan.imitate("azure.mjs");
    const { certificate, certificateKey } = lan;
    const options = ["--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--loose"];
    const account = `AZURITE_ACCOUNTS=${ACCOUNT}:${Buffer.from("a key that nobody uses").toString("base64")}`;
    const listen = ["--blobHost", STORE, "--blobPort", "443", "--oauth", "basic"];
    const served = [...options, ...listen, "--cert", certificate, "--key", certificateKey];
    await lan.program(["env", account, azurite, ...served], "Azurite", `https://${STORE}/`);
    lan.blob(["-X", "PUT", "-d", ""], "?restype=container");
    return lan;
  }

  /** What nodes are told. */
  get values(): AzureEnvironmentValues {
    return {
      bucket: `https://${BLOBS}/cluster`,
      sealKeyVault: VAULTS.keys,
      sealKeyName: "seal",
      keyringKeyVault: VAULTS.keys,
      keyringKeyName: "keyring",
      publicCaSecret: this.secrets.ca,
      bootstrapTokensSecret: this.secrets.bootstrapTokens,
      recoveryKeysSecret: this.secrets.recoveryKeys,
      deployerRoles: [randomUUID()],
      plannerRoles: [randomUUID()],
      nodeRoles: this.identities,
      logGroup: "https://dce.ingest.monitor.azure.com/dataCollectionRules/dcr-1/streams/Custom-Caravan",
    };
  }

  /** A host that runs as a machine of the scale set of a group. */
  async host(role: "server" | "worker", group: string): Promise<Host> {
    const { subscriptionId, resourceGroup: resourceGroupName, region: location } = this.cloud;
    const vmScaleSetName = `caravan-prod-${role}-${group}`;
    this.scaleSets[vmScaleSetName] ??= { networkInterfaces: [], virtualMachines: [] };
    const { networkInterfaces, virtualMachines } = this.scaleSets[vmScaleSetName];
    const vmId = randomUUID();
    const name = `${vmScaleSetName}_${virtualMachines.length}`;
    const host = await this.addHost(
      (privateIpAddress) => {
        const ipConfigurations = [{ properties: { privateIPAddress: privateIpAddress } }];
        networkInterfaces.push({ properties: { ipConfigurations } });
        virtualMachines.push({ properties: { vmId } });
        const compute = { vmId, name, location, subscriptionId, resourceGroupName, vmScaleSetName };
        return {
          id: vmId,
          metadata: {
            instance: { compute, network: { interface: [{ ipv4: { ipAddress: [{ privateIpAddress }] } }] } },
            tenant: this.cloud.tenantId,
            principal: this.identities[`${role}-${group}` as keyof typeof this.identities],
          },
        };
      },
      ...["azure-metadata.mjs", this.file("told"), this.signer],
    );
    this.tellAzure();
    return host;
  }

  proofOf(): string {
    const resource = encodeURIComponent(VAULT_RESOURCE);
    const token = `http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${resource}`;
    return `curl -sf -H 'Metadata: true' '${token}' | jq -j .access_token`;
  }

  subjectOf(role: keyof typeof this.identities): string {
    return this.identities[role];
  }

  object(key: string): string | undefined {
    const { status, stdout } = this.askStorage([], `/${key}`);
    return status === 0 ? stdout : undefined;
  }

  keys(prefix: string): string[] {
    const answer = this.blob([], `?restype=container&comp=list&prefix=${prefix}`);
    return [...answer.matchAll(/<Name>([^<]+)/g)].map(([, key = ""]) => key).sort();
  }

  putObject(key: string, text: string): void {
    this.blob(["-X", "PUT", "-H", "x-ms-blob-type: BlockBlob", "--data-binary", text], `/${key}`);
  }

  secret(name: string): string | undefined {
    const authorization = `Authorization: Bearer ${this.token("https://vault.azure.net")}`;
    const { status, stdout } = this.curl(CLOUD, ["-f", "-H", authorization, `${name}?api-version=7.4`]);
    return status === 0 ? JSON.parse(stdout).value : undefined;
  }

  private blob(args: readonly string[], where: string): string {
    const { status, stdout, stderr } = this.askStorage(args, where);
    if (status !== 0) throw new Error(`${args.join(" ")} ${where}: ${stderr}${stdout}`);
    return stdout;
  }

  /** One call to Azurite, as an administrator. */
  private askStorage(args: readonly string[], where: string) {
    const headers = ["-H", `Authorization: Bearer ${this.token(STORAGE)}`, "-H", "x-ms-version: 2021-12-02"];
    return this.curl(STORE, ["--fail-with-body", ...headers, ...args, `https://${BLOBS}/cluster${where}`]);
  }

  private token(resource: string): string {
    const known = this.tokens.get(resource);
    if (known !== undefined) return known;
    const claims = { aud: resource, iss: `https://sts.windows.net/${this.cloud.tenantId}/`, oid: ADMINISTRATOR };
    const args = [join(__dirname, "jwt.mjs"), this.signer, JSON.stringify(claims)];
    const token = execFileSync(process.execPath, args, { encoding: "utf8" });
    this.tokens.set(resource, token);
    return token;
  }

  private tellAzure(): void {
    const keys = ["seal", "keyring"].map((name) => `${VAULTS.keys}.vault.azure.net/keys/${name}`);
    this.tellCloud({ tenant: this.cloud.tenantId, keys, scaleSets: this.scaleSets, pageSize: 100 });
  }
}
