import { VAULT_RESOURCE } from "../../node/cloud/azure";
import type { Cloud, Forward, Forwarding, Machine, MachineGroup, MachineOutput, ReadableSecret } from "../cloud";
import { OperateError } from "../errors";
import { isMissing, RestApi } from "../rest";
import { parseXml } from "../xml";
import { AzureCredentialChain, claimsOf } from "./credentials";
import { runCommand } from "./run-command";
import { AzureScaleSet, MANAGEMENT } from "./scale-set";
import { bastionForwarding } from "./session";

export interface AzureCloudProps {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly resourceGroup: string;
  /** Address of the cluster's container: `"https://acme.blob.core.windows.net/cluster"`. */
  readonly container: string;
  /** Address of each secret: `"https://acme.vault.azure.net/secrets/public-ca"`. */
  readonly secrets: Readonly<Record<ReadableSecret, string>>;
  /** Name of each server group's scale set, and how many machines the infrastructure wants in it. */
  readonly scaleSets: Readonly<Record<string, { readonly name: string; readonly wanted: number }>>;
  /** Name of each worker group's scale set. @default - there are no workers */
  readonly workerScaleSets?: Readonly<Record<string, string>>;
  /** Object ids of the identities of CI, as tokens tell them. */
  readonly ciObjectIds: Readonly<Record<"deployer" | "planner", string>>;
  /** The ports of the products that each server group runs: a tunnel leads to a server itself. */
  readonly serverPorts?: Readonly<Record<string, readonly number[]>>;
  /**
   * A token for a resource, of whoever acts.
   *
   * @default - as Terraform's provider finds it: federated token, Azure CLI, managed identity
   */
  readonly token?: (resource: string) => Promise<string>;
  /** Where all hosts answer instead, each below its name. @default - the hosts themselves */
  readonly endpoint?: string;
}

/** For whom tokens are that read secrets and blobs. */
const KEY_VAULT = "https://vault.azure.net";
const STORAGE = "https://storage.azure.com/";
/** The version of the blob service's protocol; without one there is no sign-in with tokens. */
const BLOB = { "x-ms-version": "2023-11-03" };

/** Operations on Azure: scale sets, Key Vault, blobs, run command, Bastion. */
export class AzureCloud implements Cloud {
  private readonly api: RestApi;
  private readonly token: (resource: string) => Promise<string>;

  constructor(private readonly props: AzureCloudProps) {
    const chain = new AzureCredentialChain(props.tenantId);
    this.token = props.token ?? ((resource) => chain.get(resource));
    this.api = new RestApi({ token: this.token, endpoint: props.endpoint });
  }

  /** The name of a person, or the client id of what is none, each with the object id. */
  async identity(): Promise<string> {
    const { upn, unique_name, appid, oid } = claimsOf(await this.token(MANAGEMENT));
    return `${String(upn ?? unique_name ?? appid ?? "unknown")} (${String(oid ?? "no object id")})`;
  }

  async ciRole(): Promise<"deployer" | "planner" | undefined> {
    const { oid } = claimsOf(await this.token(MANAGEMENT));
    const { deployer, planner } = this.props.ciObjectIds;
    if (oid === deployer) return "deployer";
    return oid === planner ? "planner" : undefined;
  }

  /** https://developer.hashicorp.com/vault/api-docs/auth/azure#login: Azure's tokens are for no one Vault. */
  async proof(): Promise<Readonly<Record<string, string>>> {
    return { jwt: await this.token(VAULT_RESOURCE) };
  }

  async readSecret(secret: ReadableSecret, signal: AbortSignal): Promise<string | undefined> {
    try {
      const url = `${this.props.secrets[secret]}?api-version=7.4`;
      const asked = { call: `read the secret ${secret}`, url, audience: KEY_VAULT };
      return (await this.api.json<{ readonly value?: string }>(asked, signal)).value;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** https://learn.microsoft.com/en-us/rest/api/storageservices/list-blobs */
  async listObjects(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const keys: string[] = [];
    let marker = "";
    do {
      const query = new URLSearchParams({ restype: "container", comp: "list", prefix, marker });
      const url = `${this.props.container}?${query}`;
      const answer = await this.api.send({ call: "list blobs", url, audience: STORAGE, headers: BLOB }, signal);
      const page = parseXml(answer.body.toString());
      keys.push(...page.all("Blobs.Blob.Name").map(({ text }) => text));
      marker = page.value("NextMarker") ?? "";
    } while (marker !== "");
    return keys.sort();
  }

  async readObject(key: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const url = `${this.props.container}/${key.split("/").map(encodeURIComponent).join("/")}`;
    try {
      const asked = { call: `read the blob ${key}`, url, audience: STORAGE, headers: BLOB, slow: true };
      return (await this.api.send(asked, signal)).body;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async group(name: string, signal: AbortSignal): Promise<MachineGroup> {
    return this.groupOf(name).describe(signal);
  }

  async workers(signal: AbortSignal): Promise<readonly Machine[]> {
    const sets = Object.values(this.props.workerScaleSets ?? {}).map((name) => this.scaleSet(name).describe(signal));
    return (await Promise.all(sets)).flatMap(({ machines }) => machines);
  }

  async grow(name: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).resize(1, signal);
  }

  async settle(name: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).resize(0, signal);
  }

  async retire(name: string, id: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).remove(id.replace(/^.*\//, ""), signal);
  }

  async run(
    id: string,
    script: string,
    options: { readonly timeout: string; readonly signal: AbortSignal },
  ): Promise<MachineOutput> {
    return runCommand(this.api, this.resourceIdOf(id), script, options);
  }

  /** Bastion reaches ports of machines, not the balancer's: only a server that runs the product itself will do. */
  async forward(id: string, to: Forward, signal: AbortSignal): Promise<Forwarding> {
    const [scaleSet] = id.split("/");
    const group = Object.keys(this.props.scaleSets).find((name) => this.props.scaleSets[name]?.name === scaleSet);
    if (group === undefined || !this.props.serverPorts?.[group]?.includes(to.port)) {
      throw new OperateError(
        "unreachable",
        `${id} runs nothing on port ${to.port}`,
        "name a server that runs the product, or none",
      );
    }
    const place = { resourceGroupId: this.resourceGroupId, machineResourceId: this.resourceIdOf(id) };
    return bastionForwarding(this.api, place, to, signal);
  }

  private get resourceGroupId(): string {
    return `/subscriptions/${this.props.subscriptionId}/resourceGroups/${this.props.resourceGroup}`;
  }

  private resourceIdOf(id: string): string {
    const [scaleSet = "", instance = ""] = id.split("/");
    return this.scaleSet(scaleSet).instanceResourceId(instance);
  }

  private scaleSet(name: string, wanted?: number): AzureScaleSet {
    return new AzureScaleSet(this.api, this.resourceGroupId, name, wanted);
  }

  private groupOf(name: string): AzureScaleSet {
    const group = this.props.scaleSets[name];
    if (group !== undefined) return this.scaleSet(group.name, group.wanted);
    throw new OperateError(
      "failed",
      `the infrastructure has no server group "${name}"`,
      `name one of these: ${Object.keys(this.props.scaleSets).join(", ")}`,
    );
  }
}
