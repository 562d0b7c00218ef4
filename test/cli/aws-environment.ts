import { chmodSync, copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { products } from "../../lib/node/products";
import { AwsGround, REGION } from "../operate/aws-ground";
import { type Programs, Servers } from "../operate/servers";
import { MOTO_ACCOUNT, Moto } from "../support/moto";
import type { Scope } from "../support/temporary";
import { AwsFront } from "./aws-front";
import { repository, Shell } from "./bin";

export const HOSTS = {
  vault: "vault.prod.caravan.internal",
  consul: "consul.prod.caravan.internal",
  nomad: "nomad.prod.caravan.internal",
} as const;
const PORTS = { vault: 8200, consul: 8501, nomad: 4646 } as const;

/** An app without a framework: one infrastructure stack whose outputs are all it has. */
const APP = `
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const out = process.env.CDKTF_OUTDIR;
const id = "prod-infrastructure";
mkdirSync(out + "/stacks/" + id, { recursive: true });
const output = JSON.parse(readFileSync("outputs.json", "utf8"));
const backend = { local: { path: "../../../" + id + ".tfstate" } };
writeFileSync(out + "/stacks/" + id + "/cdk.tf.json", JSON.stringify({ terraform: { backend }, output }));
const stack = { constructPath: id, workingDirectory: "stacks/" + id, synthesizedStackPath: "stacks/" + id + "/cdk.tf.json", dependencies: [] };
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: { [id]: stack } }));
`;

/** One line of the stand-in for AWS's plugin. */
export interface PluginLine {
  readonly pid: number;
  readonly SessionId: string;
  readonly begins?: string;
  readonly ends?: string;
  readonly region?: string;
  readonly args?: readonly string[];
  readonly token?: string;
  readonly endpoint?: string;
}

/** An environment on AWS, as far as the command sees one: three living servers, one machine, moto, and its applied outputs. */
export class AwsEnvironment {
  private constructor(
    readonly servers: Servers,
    readonly ground: AwsGround,
    readonly front: AwsFront,
    /** Of somebody with the servers' tokens, who reaches them directly. */
    readonly shell: Shell,
    private readonly log: string,
  ) {}

  static async start(scope: Scope, programs: Programs): Promise<AwsEnvironment> {
    const [moto, servers] = await Promise.all([Moto.start(scope), Servers.start(scope, programs)]);
    const front = await AwsFront.start(scope, moto.endpoint);
    const ground = await AwsGround.make(moto, 1);
    await ground.fillSecret("public-ca", servers.ca);
    const { consul, nomad } = servers.tokens;
    await ground.fillSecret("bootstrap", JSON.stringify({ consul, nomad }));
    const directory = await repository(scope, {
      "app.js": APP,
      "cdktf.json": JSON.stringify({ app: `"${process.execPath}" app.js` }),
      "caravan.json": JSON.stringify({ environments: { prod: {} } }),
      "outputs.json": JSON.stringify(outputsOf(ground)),
    });
    const bin = scope.directory("bin");
    const plugin = join(bin, "session-manager-plugin");
    copyFileSync(join(__dirname, "session-manager-plugin.mjs"), `${plugin}.mjs`);
    copyFileSync(join(__dirname, "session-manager-plugin"), plugin);
    chmodSync(plugin, 0o755);
    const log = join(scope.directory("log"), "plugin");
    const targets = products.map(
      (product) => `${HOSTS[product]}:${PORTS[product]}=${new URL(servers.urls[product]).port}`,
    );
    const shell = new Shell(directory, {
      PATH: `${bin}:${process.env["PATH"]}`,
      AWS_ENDPOINT_URL: front.endpoint,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      XDG_RUNTIME_DIR: scope.directory("run"),
      FAKE_SESSION_TARGETS: targets.join(","),
      FAKE_SESSION_LOG: log,
      VAULT_TOKEN: servers.tokens.vault,
      CONSUL_HTTP_TOKEN: consul,
      NOMAD_TOKEN: nomad,
    });
    return new AwsEnvironment(servers, ground, front, shell, log);
  }

  /** Variables of whoever is inside of the network. */
  get inside(): Record<string, string> {
    const { vault, consul, nomad } = this.servers.urls;
    return {
      ...{ VAULT_ADDR: vault, CONSUL_HTTP_ADDR: consul, NOMAD_ADDR: nomad },
      ...{
        VAULT_TLS_SERVER_NAME: HOSTS.vault,
        CONSUL_TLS_SERVER_NAME: HOSTS.consul,
        NOMAD_TLS_SERVER_NAME: HOSTS.nomad,
      },
    };
  }

  /** What the plugins said so far. */
  get plugins(): PluginLine[] {
    if (!existsSync(this.log)) return [];
    return readFileSync(this.log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
}

function outputsOf({ props }: AwsGround) {
  const applied = {
    contract: {
      version: 1,
      static: {
        ...{ cloud: "aws", environment: "prod", region: REGION, account: MOTO_ACCOUNT },
        serverGroups: { main: ["vault", "consul", "nomad"] },
        machine: HOSTS,
        clusterBucket: props.bucket,
        plannerIdentity: props.plannerRoleArn,
        deployerIdentity: props.deployerRoleArn,
        access: { cloud: { name: "aws", region: REGION } },
      },
    },
    ci_identities: { planner: props.plannerRoleArn, deployer: props.deployerRoleArn },
    public_ca_secret_id: props.secrets["public-ca"],
    bootstrap_secret_id: props.secrets.bootstrap,
    server_machine_groups: props.autoScalingGroups,
    worker_machine_groups: {},
  };
  return Object.fromEntries(Object.entries(applied).map(([name, value]) => [`infrastructure_${name}`, { value }]));
}
