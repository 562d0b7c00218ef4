import { Construct } from "constructs";
import type { PropsCheck } from "../../../core/errors";
import { matching } from "../../../core/rules";
import { vaultMounts } from "../../../node/names";
import type { PlatformServers } from "../../servers";
import { CertificateAuthority, type CertificateAuthorityProps, checkAuthority } from "../certificate-authority";
import {
  AwsEngine,
  type AwsEngineProps,
  AzureEngine,
  type AzureEngineProps,
  checkAws,
  checkAzure,
  checkGcp,
  GcpEngine,
  type GcpEngineProps,
} from "./clouds";
import { checkDatabase, DatabaseEngine, type DatabaseEngineProps } from "./database";
import { checkKeyValues, KeyValueEngine, type KeyValueEngineProps } from "./key-values";
import {
  ConsulEngine,
  type ConsulEngineProps,
  checkConsulEngine,
  checkNomadEngine,
  NomadEngine,
  type NomadEngineProps,
} from "./product-tokens";
import { checkTransit, TransitEngine, type TransitEngineProps } from "./transit";

/** Engines of Vault, each by its mount. Who may use one, a policy says. */
export interface SecretsEngines {
  /** Key-value stores beside the one of applications. */
  readonly keyValues?: Readonly<Record<string, KeyValueEngineProps>>;
  /** Encryption and signatures by keys that stay in Vault. */
  readonly transit?: Readonly<Record<string, TransitEngineProps>>;
  /** Certificate authorities beside those of the nodes and of the mesh. */
  readonly pki?: Readonly<Record<string, CertificateAuthorityProps>>;
  /** Users of databases. */
  readonly database?: Readonly<Record<string, DatabaseEngineProps>>;
  /** Credentials of AWS. */
  readonly aws?: Readonly<Record<string, AwsEngineProps>>;
  /** Tokens of Google Cloud. */
  readonly gcp?: Readonly<Record<string, GcpEngineProps>>;
  /** Service principals of Azure. */
  readonly azure?: Readonly<Record<string, AzureEngineProps>>;
  /** Tokens of Consul. On an environment of this library the mount `consul` is there, and takes roles. */
  readonly consul?: Readonly<Record<string, ConsulEngineProps>>;
  /** Tokens of Nomad. */
  readonly nomad?: Readonly<Record<string, NomadEngineProps>>;
}

const mountPath = matching(
  /[a-z][a-z0-9]*(-[a-z0-9]+)*/,
  "a mount of lower-case letters, digits and single hyphens",
  'use a path such as "database"',
);

/** `taken`: mounts that something else has. `hasConsulEngine`: first boot made the mount `consul`. */
export function checkEngines(
  check: PropsCheck,
  engines: SecretsEngines,
  taken: readonly string[],
  hasConsulEngine: boolean,
): void {
  const seen = new Set([...Object.values(vaultMounts), ...taken, "sys", "identity", "cubbyhole", "auth"]);
  const each = <T>(
    kind: keyof SecretsEngines,
    all: Readonly<Record<string, T>> = {},
    judge: (one: PropsCheck, props: T) => void,
  ) => {
    for (const [path, props] of Object.entries(all)) {
      const at = `${kind}["${path}"]`;
      check.required(at, path, mountPath);
      const isRolesOnly = kind === "consul" && path === vaultMounts.consul;
      if (isRolesOnly ? false : seen.has(path)) {
        const allowed = "a mount that nothing else has";
        check.add({ property: at, given: path, allowed, fix: "choose another path" });
      }
      seen.add(path);
      if (isRolesOnly && hasConsulEngine) checkNodeRoles(check, at, props as ConsulEngineProps);
      judge(check.under(at), props);
    }
  };
  each("keyValues", engines.keyValues, checkKeyValues);
  each("transit", engines.transit, checkTransit);
  each("pki", engines.pki, checkAuthority);
  each("database", engines.database, checkDatabase);
  each("aws", engines.aws, checkAws);
  each("gcp", engines.gcp, checkGcp);
  each("azure", engines.azure, checkAzure);
  each("consul", engines.consul, checkConsulEngine);
  each("nomad", engines.nomad, checkNomadEngine);
}

/** Roles by which workers get their tokens are first boot's. */
function checkNodeRoles(check: PropsCheck, at: string, { roles }: ConsulEngineProps): void {
  for (const name of Object.keys(roles)) {
    if (!/^(agent|nomad-client)-|^dns$/.test(name)) continue;
    const allowed = "a name that no role of workers has: agent-..., nomad-client-..., dns";
    check.add({ property: `${at}.roles["${name}"]`, given: name, allowed, fix: "rename it" });
  }
}

/** The engines that were opted for. */
export class VaultEngines extends Construct {
  constructor(
    scope: Construct,
    id: string,
    engines: SecretsEngines,
    { servers, ca, hasConsulEngine }: { servers: PlatformServers; ca: string | undefined; hasConsulEngine: boolean },
  ) {
    super(scope, id);
    const vaultAddress = servers.vault.machine;
    const each = <T>(
      all: Readonly<Record<string, T>> = {},
      make: (id: string, props: T & { path: string }) => void,
    ) => {
      for (const [path, props] of Object.entries(all)) make(path, { ...props, path });
    };
    each(engines.keyValues, (name, props) => new KeyValueEngine(this, name, props));
    each(engines.transit, (name, props) => new TransitEngine(this, name, props));
    each(engines.pki, (name, props) => new CertificateAuthority(this, name, { ...props, vaultAddress }));
    each(engines.database, (name, props) => new DatabaseEngine(this, name, props));
    each(engines.aws, (name, props) => new AwsEngine(this, name, props));
    each(engines.gcp, (name, props) => new GcpEngine(this, name, props));
    each(engines.azure, (name, props) => new AzureEngine(this, name, props));
    const target = (product: "consul" | "nomad") => ({
      address: servers.addresses[product]?.machine ?? "",
      ...(ca && { ca }),
    });
    each(engines.consul, (name, props) => {
      new ConsulEngine(this, name, {
        ...props,
        ...target("consul"),
        isThere: hasConsulEngine && name === vaultMounts.consul,
      });
    });
    each(engines.nomad, (name, props) => new NomadEngine(this, name, { ...props, ...target("nomad") }));
  }
}
