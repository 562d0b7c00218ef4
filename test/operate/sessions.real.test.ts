import { beforeAll, expect, test } from "vitest";
import { AwsCloud } from "../../lib/operate/aws/cloud";
import type { AwsCredentials } from "../../lib/operate/aws/signature";
import { connect, type TerraformOutputs } from "../../lib/operate/living";
import { retireBootstrap } from "../../lib/operate/retire-bootstrap";
import { ciSignIn } from "../../lib/operate/sessions";
import { status } from "../../lib/operate/status";
import { parseXml } from "../../lib/operate/xml";
import { findMoto, MOTO_ACCOUNT, Moto } from "../support/moto";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { AwsGround, REGION } from "./aws-ground";
import { Servers } from "./servers";

const programs = { vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") };
const HOST = "vault.prod.caravan.internal";

describeWith("who acts", { ...programs, openssl: findTool("openssl"), moto: findMoto() }, (found) => {
  const scope = suiteScope();
  let moto: Moto;
  let ground: AwsGround;
  let servers: Servers;
  let outputs: TerraformOutputs;

  /** A session of a role, as STS lends it. */
  const as = async (role: string): Promise<AwsCredentials> => {
    const form = new URLSearchParams({
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: `arn:aws:iam::${MOTO_ACCOUNT}:role/${role}`,
      RoleSessionName: "test",
    });
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/sts/aws4_request, SignedHeaders=host, Signature=0`;
    const answer = await fetch(moto.endpoint, {
      method: "POST",
      headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
    const given = parseXml(await answer.text()).find("AssumeRoleResult.Credentials");
    return {
      accessKeyId: given?.value("AccessKeyId") ?? "",
      secretAccessKey: given?.value("SecretAccessKey") ?? "",
      sessionToken: given?.value("SessionToken"),
    };
  };
  const connected = async (role: string, env: Record<string, string> = {}) => {
    const credentials = await as(role);
    const addresses = {
      VAULT_ADDR: servers.urls.vault,
      CONSUL_HTTP_ADDR: servers.urls.consul.replace("https://", ""),
      NOMAD_ADDR: servers.urls.nomad,
    };
    const names = {
      VAULT_TLS_SERVER_NAME: "localhost",
      CONSUL_TLS_SERVER_NAME: "localhost",
      NOMAD_TLS_SERVER_NAME: "localhost",
    };
    return connect(outputs, {
      env: { ...addresses, ...names, ...env },
      aws: { endpoint: moto.endpoint, credentials: async () => credentials },
    });
  };

  /** A role of Vault for one of CI's two roles of the cloud. */
  const loginRole = (role: string, who: string, policies: readonly string[]) =>
    servers.client("vault").demand(`auth/deployer/role/${role}`, {
      method: "POST",
      body: {
        auth_type: "iam",
        bound_iam_principal_arn: [`arn:aws:iam::${MOTO_ACCOUNT}:role/caravan-prod-${who}`],
        resolve_aws_unique_ids: false,
        token_policies: policies,
        token_ttl: "30m",
      },
    });

  beforeAll(async () => {
    [moto, servers] = await Promise.all([Moto.start(scope), Servers.start(scope, found)]);
    ground = await AwsGround.make(moto, 1);
    await ground.fillSecret("public-ca", servers.ca);
    await ground.fillSecret(
      "bootstrap",
      JSON.stringify({ consul: servers.tokens.consul, nomad: servers.tokens.nomad }),
    );
    const vault = servers.client("vault");
    const write = (path: string, body: object) => vault.demand(path, { method: "POST", body });
    await write("sys/auth/deployer", { type: "aws" });
    await write("auth/deployer/config/client", {
      sts_endpoint: moto.endpoint,
      sts_region: REGION,
      access_key: "test",
      secret_key: "test",
      iam_server_id_header_value: HOST,
    });
    for (const name of ["deployer", "planner"]) {
      await loginRole(name, name, [name]);
      await vault.demand(`sys/policies/acl/${name}`, {
        method: "PUT",
        body: { policy: 'path "sys/storage/raft/autopilot/*" { capabilities = ["read"] }' },
      });
    }
    const { props } = ground;
    const applied = {
      contract: {
        version: 1,
        static: {
          ...{ cloud: "aws", environment: "prod", region: REGION, account: MOTO_ACCOUNT },
          serverGroups: { main: ["vault", "consul", "nomad"] },
          machine: { vault: HOST, consul: "consul.prod.caravan.internal", nomad: "nomad.prod.caravan.internal" },
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
    outputs = Object.fromEntries(Object.entries(applied).map(([name, value]) => [`infrastructure_${name}`, { value }]));
  });

  test("the deployer signs in to Vault as what it is to the cloud, and reads bootstrap tokens; nothing is left signed in", async () => {
    const living = await connected("caravan-ci/prod/caravan-prod-deployer");
    const signal = AbortSignal.timeout(60_000);
    const variables = await living.sessions.variables(signal);
    expect(variables).toEqual({
      VAULT_TOKEN: expect.stringMatching(/^hvs\./),
      CONSUL_HTTP_TOKEN: servers.tokens.consul,
      NOMAD_TOKEN: servers.tokens.nomad,
    });
    expect(await living.sessions.source("vault", signal)).toBe("sign-in");
    expect(await living.sessions.source("nomad", signal)).toBe("bootstrap");
    const token = variables["VAULT_TOKEN"] ?? "";
    const self = await servers
      .client("vault", token)
      .demand<{ data: { policies: string[] } }>("auth/token/lookup-self");
    expect(self.data.policies).toContain("deployer");
    await living.sessions.close();
    expect((await servers.client("vault", token).ask("auth/token/lookup-self")).status).toBe(403);
  });

  test("the deployer sees a whole environment by its contract, CA and all", async () => {
    const seen = await status(await connected("caravan-ci/prod/caravan-prod-deployer"));
    expect(seen.unseen).toEqual([]);
    expect(seen.products.map(({ servers: members }) => members?.length)).toEqual([1, 1, 1]);
    expect(seen.machines?.["main"]).toMatchObject({ wanted: 1, settled: true });
    expect(seen.bootstrapTokens).toEqual(["consul", "nomad"]);
    expect(seen.snapshots).toEqual({ vault: null, consul: null, nomad: null });
    expect(seen.verdict).toBe("healthy");
    const text = JSON.stringify(seen);
    for (const secret of Object.values(servers.tokens)) expect(text).not.toContain(secret);
  });

  test("the planner is the planner", async () => {
    const living = await connected("caravan-ci/prod/caravan-prod-planner");
    const token = await living.sessions.token("vault");
    const self = await servers
      .client("vault", token)
      .demand<{ data: { policies: string[] } }>("auth/token/lookup-self");
    expect(self.data.policies).toContain("planner");
  });

  test("anybody else has no token of Vault, unless the environment has one", async () => {
    expect(await (await connected("somebody")).sessions.token("vault")).toBeUndefined();
    expect(await (await connected("somebody", { VAULT_TOKEN: "mine" })).sessions.token("vault")).toBe("mine");
  });

  test("a proof for another Vault is refused here", async () => {
    const cloud = new AwsCloud({ ...ground.props, credentials: () => as("caravan-prod-deployer") });
    const signal = AbortSignal.timeout(60_000);
    const login = async (serverId: string) => {
      const body = { role: "deployer", ...(await cloud.proof(serverId)) };
      return servers.client("vault").ask("auth/deployer/login", { method: "POST", body, token: null, signal });
    };
    expect((await login(HOST)).status).toBe(200);
    expect((await login("vault.test.caravan.internal")).status).toBe(400);
  });

  /** What the Platform layer makes for CI, by the APIs that its providers call. */
  const applyPlatform = async () => {
    const vault = (path: string, body: object) => servers.client("vault").demand(path, { method: "POST", body });
    const audience = "caravan-deployer";
    await vault("identity/oidc/config", { issuer: servers.urls.vault });
    await vault("identity/oidc/key/platform", { algorithm: "RS256", allowed_client_ids: [audience] });
    const template = JSON.stringify({ grant: "deployer" });
    await vault("identity/oidc/role/deployer", { key: "platform", client_id: audience, ttl: "5m", template });
    const policy = 'path "identity/oidc/token/deployer" { capabilities = ["read"] }';
    await vault("sys/policies/acl/grant-deployer", { policy });
    await loginRole("apply", "deployer", ["deployer", "grant-deployer"]);
    const keys = `${servers.urls.vault}/v1/identity/oidc/.well-known/keys`;
    const issuer = `${servers.urls.vault}/v1/identity/oidc`;
    const method = { Name: ciSignIn.method, MaxTokenTTL: "1h" };
    const rule = { AuthMethod: ciSignIn.method, Selector: 'value.grant=="deployer"' };
    const consul = (path: string, body: object) => servers.client("consul").demand(path, { method: "PUT", body });
    const common = {
      JWKSURL: keys,
      JWKSCACert: servers.ca,
      BoundAudiences: [audience],
      ClaimMappings: { grant: "grant" },
    };
    await consul("acl/policy", { Name: "deployer", Rules: 'acl = "write" operator = "read"' });
    await consul("acl/auth-method", {
      ...method,
      Type: "jwt",
      Config: { ...common, JWTSupportedAlgs: ["RS256"], BoundIssuer: issuer },
    });
    await consul("acl/binding-rule", { ...rule, BindType: "policy", BindName: "deployer" });
    const nomad = (path: string, body: object) => servers.client("nomad").demand(path, { method: "POST", body });
    await nomad("acl/auth-method", {
      ...method,
      Type: "JWT",
      TokenLocality: "local",
      Config: { ...common, JWKSCACert: servers.ca, SigningAlgs: ["RS256"], BoundIssuer: [issuer] },
    });
    await nomad("acl/binding-rule", { ...rule, BindType: "management" });
  };

  test("after the platform is applied CI signs in to all three, and does without the bootstrap tokens", async () => {
    await applyPlatform();
    const living = await connected("caravan-ci/prod/caravan-prod-deployer");
    const signal = AbortSignal.timeout(60_000);
    const variables = await living.sessions.variables(signal);
    for (const product of ["vault", "consul", "nomad"] as const) {
      expect(await living.sessions.source(product, signal), product).toBe("sign-in");
    }
    const consul = variables["CONSUL_HTTP_TOKEN"] ?? "";
    expect(consul).not.toBe(servers.tokens.consul);
    expect(await retireBootstrap(living)).toMatchObject({ retired: ["consul", "nomad"] });
    expect((await servers.client("consul").ask("acl/token/self")).status).toBe(403);
    const seen = await status(living);
    expect(seen.bootstrapTokens).toEqual([]);
    expect(seen.products.map(({ servers: members }) => members?.length)).toEqual([1, 1, 1]);
    await living.sessions.close();
    expect((await servers.client("consul", consul).ask("acl/token/self")).status).toBe(403);
  });

  test("what was destroyed is not offered: who has no other way in has none", async () => {
    const planner = await connected("caravan-ci/prod/caravan-prod-planner");
    expect(await planner.sessions.token("consul")).toBeUndefined();
    expect((await status(planner)).verdict).toBe("healthy");
  });

  test("outputs of something else are said to be so", async () => {
    await expect(connect({})).rejects.toThrow(
      /hold no infrastructure_contract.*\n {2}fix: apply the infrastructure stack/,
    );
    const older = { ...outputs, infrastructure_contract: { value: { version: 0, static: {} } } };
    await expect(connect(older)).rejects.toThrow(/older cdktf-caravan/);
  });
});
