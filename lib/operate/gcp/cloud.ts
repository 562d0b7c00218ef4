import type { Cloud, Forward, Forwarding, Machine, MachineGroup, MachineOutput, ReadableSecret } from "../cloud";
import { OperateError } from "../errors";
import { isMissing, RestApi } from "../rest";
import { GcpCredentialChain } from "./credentials";
import { GcpInstanceGroup, machineName } from "./instance-group";
import { iapForwarding } from "./session";

export interface GcpCloudProps {
  readonly project: string;
  readonly region: string;
  /** Name of the cluster's bucket. */
  readonly bucket: string;
  /** Each secret: `"projects/acme/secrets/caravan-prod-public-ca"`. */
  readonly secrets: Readonly<Record<ReadableSecret, string>>;
  /** Name of each server group's managed instance group, and how many machines the infrastructure wants in it. */
  readonly instanceGroups: Readonly<Record<string, { readonly name: string; readonly wanted: number }>>;
  /** Name of each worker group's managed instance group. @default - there are no workers */
  readonly workerInstanceGroups?: Readonly<Record<string, string>>;
  readonly deployerEmail: string;
  readonly plannerEmail: string;
  /** The ports of the products that each server group runs: a tunnel leads to a server itself. */
  readonly serverPorts?: Readonly<Record<string, readonly number[]>>;
  /**
   * Who acts.
   *
   * @default - as Google's libraries find it: variable, workload identity federation, gcloud, the machine
   */
  readonly credentials?: Pick<GcpCredentialChain, "get" | "email">;
  /** Where all hosts answer instead, each below its name. @default - the hosts themselves */
  readonly endpoint?: string;
}

const PROOF_SECONDS = 15 * 60;

/** Operations on Google Cloud: managed instance groups, Secret Manager, Cloud Storage, IAM credentials, Identity-Aware Proxy. */
export class GcpCloud implements Cloud {
  private readonly api: RestApi;
  private readonly credentials: Pick<GcpCredentialChain, "get" | "email">;

  constructor(private readonly props: GcpCloudProps) {
    this.credentials = props.credentials ?? new GcpCredentialChain(process.env, props.endpoint);
    this.api = new RestApi({ token: () => this.credentials.get(), endpoint: props.endpoint });
  }

  identity(): Promise<string> {
    return this.credentials.email();
  }

  async ciRole(): Promise<"deployer" | "planner" | undefined> {
    const email = await this.credentials.email();
    if (email === this.props.deployerEmail) return "deployer";
    return email === this.props.plannerEmail ? "planner" : undefined;
  }

  /** A token for one role of Vault, signed by Google: https://developer.hashicorp.com/vault/docs/auth/gcp#generating-iam-token */
  async proof(_serverId: string, role: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const email = await this.credentials.email();
    const claims = { sub: email, aud: `vault/${role}`, exp: Math.floor(Date.now() / 1_000) + PROOF_SECONDS };
    const { signedJwt } = await this.api.json<{ readonly signedJwt: string }>(
      {
        call: `sign as ${email}`,
        url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${email}:signJwt`,
        audience: "",
        method: "POST",
        body: { payload: JSON.stringify(claims) },
      },
      signal,
    );
    return { jwt: signedJwt };
  }

  async readSecret(secret: ReadableSecret, signal: AbortSignal): Promise<string | undefined> {
    const url = `https://secretmanager.googleapis.com/v1/${this.props.secrets[secret]}/versions/latest:access`;
    try {
      const told = await this.api.json<{ readonly payload?: { readonly data?: string } }>(
        { call: `read the secret ${secret}`, url, audience: "" },
        signal,
      );
      return Buffer.from(told.payload?.data ?? "", "base64").toString();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async listObjects(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const keys: string[] = [];
    let pageToken: string | undefined;
    do {
      const query = new URLSearchParams({ prefix, fields: "items(name),nextPageToken" });
      if (pageToken !== undefined) query.set("pageToken", pageToken);
      const page: { readonly items?: readonly { readonly name: string }[]; readonly nextPageToken?: string } =
        await this.api.json({ call: "list objects", url: `${this.objects}?${query}`, audience: "" }, signal);
      keys.push(...(page.items ?? []).map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return keys.sort();
  }

  async readObject(key: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const url = `${this.objects}/${encodeURIComponent(key)}?alt=media`;
    try {
      return (await this.api.send({ call: `read the object ${key}`, url, audience: "", slow: true }, signal)).body;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async group(name: string, signal: AbortSignal): Promise<MachineGroup> {
    return this.groupOf(name).describe(signal);
  }

  async workers(signal: AbortSignal): Promise<readonly Machine[]> {
    const names = Object.values(this.props.workerInstanceGroups ?? {});
    const groups = names.map((name) => this.instanceGroup(name).describe(signal));
    return (await Promise.all(groups)).flatMap(({ machines }) => machines);
  }

  async grow(name: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).resize(1, signal);
  }

  async settle(name: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).resize(0, signal);
  }

  async retire(name: string, id: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).remove(id, signal);
  }

  /** Google Cloud has nothing that runs a script on a machine from outside but SSH, and machines of an environment take none. */
  async run(id: string, script: string): Promise<MachineOutput> {
    const { zone, name } = machineName(id);
    throw new OperateError(
      "failed",
      `Google Cloud runs nothing on ${name} (${zone}) from outside, and the machine takes no SSH`,
      `open SSH for a moment (a firewall rule for Identity-Aware Proxy of your own), and run there as root: ${script.split("\n")[0]}`,
    );
  }

  /** Identity-Aware Proxy reaches ports of machines, not the balancer's: only a server that runs the product itself will do. */
  async forward(id: string, to: Forward): Promise<Forwarding> {
    const where = machineName(id);
    const { instanceGroups, serverPorts, project } = this.props;
    const isServer = Object.entries(instanceGroups).some(
      ([group, { name }]) =>
        where.name.replace(/-[a-z0-9]+$/, "") === name && serverPorts?.[group]?.includes(to.port) === true,
    );
    if (isServer) return iapForwarding(project, where, to);
    throw new OperateError(
      "unreachable",
      `${where.name} runs nothing on port ${to.port}`,
      "name a server that runs the product, or none",
    );
  }

  private get objects(): string {
    return `https://storage.googleapis.com/storage/v1/b/${this.props.bucket}/o`;
  }

  private instanceGroup(name: string, wanted?: number): GcpInstanceGroup {
    return new GcpInstanceGroup(this.api, this.props.project, this.props.region, name, wanted);
  }

  private groupOf(name: string): GcpInstanceGroup {
    const group = this.props.instanceGroups[name];
    if (group !== undefined) return this.instanceGroup(group.name, group.wanted);
    throw new OperateError(
      "failed",
      `the infrastructure has no server group "${name}"`,
      `name one of these: ${Object.keys(this.props.instanceGroups).join(", ")}`,
    );
  }
}
