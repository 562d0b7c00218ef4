import { AclPolicy as ConsulPolicyResource } from "@cdktf/provider-consul/lib/acl-policy";
import { ConsulProvider } from "@cdktf/provider-consul/lib/provider";
import { AclPolicy as NomadPolicyResource } from "@cdktf/provider-nomad/lib/acl-policy";
import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { Policy } from "@cdktf/provider-vault/lib/policy";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { PropsCheck } from "../core/errors";
import { hcl } from "../core/hcl";
import { formatDuration } from "../core/values";
import { isOnCloud } from "../infrastructure/contract";
import { LayerStack } from "../layer/layer-stack";
import { inTurn, transformed } from "../layer/transform";
import { ciSignIn } from "../node/access-vault-sign-in";
import { vaultMounts, workloadRole } from "../node/names";
import { nameAdministrator } from "./administrators";
import { ConsulMesh } from "./consul/mesh";
import { ConsulMeshAuthority } from "./consul/mesh-authority";
import { ConsulPolicy } from "./consul/policy";
import { type PlatformContract, platformSchema } from "./contract";
import { HandedOver, nodeFacts } from "./handed-over";
import { signInRole } from "./handed-over-sign-in";
import { type CiRole, CiSignIn } from "./identity/ci";
import { type Grant, MANAGEMENT, TokenIssuer, tokenRule } from "./identity/issuer";
import { type GroupRights, PeopleSignIn } from "./identity/people";
import { personaRules, personas } from "./identity/personas";
import { ConsulWorkloads, VaultWorkloads, type WorkloadNamespace } from "./identity/workloads";
import { meshAuthorityOf } from "./mesh-authority-of";
import { NomadPolicy } from "./nomad/policy";
import { NomadTenancy } from "./nomad/tenancy";
import { NomadVariableSet } from "./nomad/variables";
import { checkPlatform, hasConsulEngine } from "./platform-check";
import type { PlatformStackProps } from "./platform-props";
import type { PlatformTransform, PolicyTransforms } from "./platform-transform";
import { type PolicyLanguage, readPolicyDirectory } from "./policy/files";
import { type Remainder, remainders } from "./remains";
import { clusterCa, type PlatformServers, serversOf } from "./servers";
import {
  type Team,
  teamCiPolicy,
  teamConsulRules,
  teamEntrances,
  teamHosts,
  teamNomadRules,
  teamPolicy,
  teamServices,
  teamVaultRules,
} from "./team";
import { VaultBase } from "./vault/base";
import { VaultEngines } from "./vault/engines/secrets-engines";
import { VaultPolicy } from "./vault/policy";

/**
 * Vault, Consul and Nomad governed as one platform: who workloads, people, teams and CI are, and what each may do. Works on
 * an environment of this library, whose hand-overs it adopts, and on servers that somebody already runs.
 *
 * Providers act as whoever runs Terraform: `VAULT_TOKEN`, `CONSUL_HTTP_TOKEN`, `NOMAD_TOKEN`.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class PlatformStack extends LayerStack {
  readonly contract: PlatformContract;
  private readonly servers: PlatformServers;
  private readonly ca: string | undefined;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    this.servers = serversOf(props.infrastructure);
    this.makeProviders(props.transform);
    this.ca = clusterCa(this, props.infrastructure, props.transform?.clusterCa);

    new HandedOver(this, "handed-over", {
      infrastructure: props.infrastructure,
      transform: props.transform?.handedOver,
    });
    const isExisting = props.infrastructure.static.cloud === "existing";
    const vault = new VaultBase(this, "vault", {
      audit: props.vault?.audit ?? {
        ...(isExisting ? { file: { type: "file", path: "/var/log/vault/audit.log" } as const } : {}),
        stdout: { type: "file", path: "stdout" },
      },
      keyValues: props.vault?.keyValues ?? {},
      quotas: props.vault?.quotas ?? { platform: { rate: 2000 } },
      uiHeaders: props.vault?.uiHeaders ?? {
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        ...(isExisting && this.servers.vault.people.startsWith("https:")
          ? { "Strict-Transport-Security": "max-age=31536000; includeSubDomains" }
          : {}),
      },
      transform: props.transform?.vault,
    });
    const { kvMount } = vault;
    const teams = props.teams ?? [];
    const namespaces = this.namespacesOf(props, teams);

    this.makePolicies(teams, kvMount, props.transform?.policies);
    for (const language of ["vault", "consul", "nomad"] as const) this.ownPolicies(language, props);
    new TokenIssuer(this, "issuer", {
      servers: this.servers,
      ca: this.ca,
      grants: grantsOf(teams),
      tokenTtl: formatDuration(props.tokenTtl ?? "1h"),
      transform: props.transform?.issuer,
    });
    this.makeCi(props, teams);
    if (props.people !== undefined) {
      new PeopleSignIn(this, "people", {
        people: props.people,
        servers: this.servers,
        ca: this.ca,
        groups: groupsOf(props.people.groups, teams),
      });
    }
    const workloads = this.makeWorkloads(props, kvMount, namespaces);
    new VaultEngines(this, "engines", props.vault?.engines ?? {}, {
      servers: this.servers,
      ca: this.ca,
      hasConsulEngine: hasConsulEngine(props),
    });
    if (this.has("consul")) {
      new ConsulMesh(this, "mesh", props.consul?.mesh ?? {});
      const authority = meshAuthorityOf(this, props.infrastructure, this.servers, props.consul?.mesh?.authority);
      if (authority !== undefined) new ConsulMeshAuthority(this, "mesh-authority", authority);
    }

    for (const resource of this.node.findAll()) {
      if (!TerraformResource.isTerraformResource(resource)) continue;
      const { terraformResourceType: type } = resource;
      if (type.startsWith("vault_") && type !== "vault_audit") resource.node.addDependency(vault.audit);
    }

    this.contract = platformSchema.publish(
      this,
      {
        environment: props.environment.name,
        products: this.servers.products,
        addresses: this.servers.addresses,
        datacenter: this.servers.datacenter,
        nomadRegion: this.servers.nomadRegion,
        ...(this.servers.appsDomain === undefined ? {} : { appsDomain: this.servers.appsDomain }),
        kvMount: props.vault?.keyValues?.path ?? "secret",
        workloads: {
          vaultMount: vaultMounts.workloads,
          vaultRole: workloadRole,
          vaultClaim: props.vault?.workloadClaim ?? "unique-id",
          consulMethod: workloadRole,
        },
        namespaces: namespaces.map(({ name }) => name),
        nodePools: [...this.servers.nodePools, ...Object.keys(props.nomad?.nodePools ?? {})],
        teams: Object.fromEntries(teams.map((team) => [team.name, teamStatic(team)])),
        ...(this.has("consul") ? { meshProtocol: props.consul?.mesh?.protocol ?? "http" } : {}),
      },
      { workloadsAccessor: workloads?.method.accessor ?? "" },
    );
  }

  /** What a destroy of this stack leaves on the servers, and why. */
  get remains(): readonly Remainder[] {
    return remainders(this);
  }

  protected static override checkProps(check: PropsCheck, props: PlatformStackProps): void {
    LayerStack.checkProps(check, props);
    checkPlatform(check, props);
  }

  private has(product: "consul" | "nomad"): boolean {
    return this.servers.products.includes(product);
  }

  private makeProviders(transform?: PlatformTransform): void {
    const { vault, addresses, datacenter, nomadRegion } = this.servers;
    new VaultProvider(this, "vault-provider", transformed(transform?.vaultProvider, { address: vault.machine }));
    if (addresses.consul !== undefined) {
      const { protocol, host } = new URL(addresses.consul.machine);
      new ConsulProvider(
        this,
        "consul-provider",
        transformed(transform?.consulProvider, { address: host, scheme: protocol.replace(":", ""), datacenter }),
      );
    }
    if (addresses.nomad !== undefined) {
      new NomadProvider(
        this,
        "nomad-provider",
        transformed(transform?.nomadProvider, { address: addresses.nomad.machine, region: nomadRegion }),
      );
    }
  }

  /** Each has a role in Consul: Nomad's own, those of this stack, those of teams. */
  private namespacesOf(props: PlatformStackProps, teams: readonly Team[]): WorkloadNamespace[] {
    if (!this.has("nomad")) return [];
    return [
      { name: "default" },
      ...Object.keys(props.nomad?.namespaces ?? {}).flatMap((name) => (name === "default" ? [] : [{ name }])),
      ...teams.map((team) => ({ name: team.name, services: teamServices(team) })),
    ];
  }

  private makePolicies(teams: readonly Team[], kvMount: string, transform?: PolicyTransforms): void {
    const shared = policyTransforms(transform);
    for (const persona of personas) {
      const { description, vault, consul, nomad } = personaRules[persona];
      const inVault = new VaultPolicy(this, `vault-${persona}`, {
        name: persona,
        rules: [...vault, tokenRule(persona)],
        transform: shared.vault,
      });
      if (persona === "admin") nameAdministrator(inVault.resource, persona, "vault-policy-grants");
      if (this.has("consul")) {
        const inConsul = new ConsulPolicy(this, `consul-${persona}`, {
          name: persona,
          description,
          rules: consul,
          transform: shared.consul,
        });
        if (persona === "admin") nameAdministrator(inConsul.resource, persona, "consul-acl-write");
      }
      if (this.has("nomad") && nomad !== MANAGEMENT) {
        new NomadPolicy(this, `nomad-${persona}`, {
          name: persona,
          description,
          rules: nomad,
          transform: shared.nomad,
        });
      }
    }
    for (const name of CI_GRANTS) {
      new VaultPolicy(this, `vault-grant-${name}`, {
        name: `grant-${name}`,
        rules: [tokenRule(name)],
        transform: shared.vault,
      });
    }
    for (const team of teams) {
      const kinds = [
        ["people", teamPolicy(team.name)],
        ["ci", teamCiPolicy(team.name)],
      ] as const;
      for (const [who, name] of kinds) {
        const own = who === "people" ? teamVaultRules(team, kvMount) : [];
        const { vault, consul, nomad } = policyTransforms(transform, team.transform?.[who]);
        new VaultPolicy(this, `vault-${name}`, { name, rules: [...own, tokenRule(name)], transform: vault });
        const description = who === "people" ? `People of ${team.name}` : `Pipeline of ${team.name}`;
        if (this.has("consul")) {
          new ConsulPolicy(this, `consul-${name}`, {
            name,
            description,
            rules: teamConsulRules(team, who),
            transform: consul,
          });
        }
        if (this.has("nomad")) {
          new NomadPolicy(this, `nomad-${name}`, {
            name,
            description,
            rules: teamNomadRules(team, who),
            transform: nomad,
          });
        }
      }
    }
  }

  private ownPolicies(language: PolicyLanguage, props: PlatformStackProps): void {
    const directory = props[language]?.policies;
    if (directory === undefined || !this.servers.products.includes(language)) return;
    for (const { name, text } of readPolicyDirectory(`${language}.policies`, directory, language).policies) {
      const id = `${language}-file-${name}`;
      const rules = hcl.text(text);
      const { vault, consul, nomad } = props.transform?.policies ?? {};
      if (language === "vault") new Policy(this, id, transformed(vault, { name, policy: rules }));
      else if (language === "consul") new ConsulPolicyResource(this, id, transformed(consul, { name, rules }));
      else new NomadPolicyResource(this, id, transformed(nomad, { name, rulesHcl: rules }));
    }
  }

  private makeCi(props: PlatformStackProps, teams: readonly Team[]): void {
    const { ci, infrastructure, transform } = props;
    const own = { deployer: ci?.apply, planner: ci?.plan };
    const roles: Record<string, CiRole> = {};
    for (const name of CI_GRANTS) {
      const pipeline = own[name];
      if (pipeline !== undefined) roles[name] = { pipeline, policies: [name, `grant-${name}`] };
    }
    for (const team of teams) {
      if (team.ci !== undefined) {
        roles[teamCiPolicy(team.name)] = {
          pipeline: team.ci,
          policies: [teamCiPolicy(team.name)],
          transform: team.transform?.ci?.role,
        };
      }
    }
    new CiSignIn(this, "ci", {
      issuers: ci?.issuers ?? {},
      audience: this.servers.vault.machine,
      roles,
      transform: transform?.ci,
    });
    if (!isOnCloud(infrastructure)) return;
    const { principals } = nodeFacts(this, infrastructure);
    // The roles that first boot made stay as they are; these come with the way to Consul and Nomad.
    for (const object of ciSignIn(infrastructure.static.access)) {
      if (object.kind !== "role") continue;
      const { name, settings } = object;
      const role = name === "deployer" ? "apply" : "plan";
      const own = {
        ...object,
        of: `${infrastructure.static.cloud}-login` as const,
        name: role,
        settings: { ...settings, token_policies: [name, `grant-${name}`] },
        principals: principals(name),
      };
      signInRole(this, `ci-${role}`, own, transform?.ci);
    }
  }

  private makeWorkloads(
    props: PlatformStackProps,
    kvMount: string,
    namespaces: readonly WorkloadNamespace[],
  ): VaultWorkloads | undefined {
    const nomad = this.servers.addresses.nomad;
    if (nomad === undefined) return undefined;
    const teams = props.teams ?? [];
    const tenancy = new NomadTenancy(this, "tenancy", {
      namespaces: {
        ...props.nomad?.namespaces,
        default: { description: "Default shared namespace", ...props.nomad?.namespaces?.["default"] },
        ...Object.fromEntries(
          teams.map(({ name, description, drivers, networks, transform }) => [
            name,
            { description, drivers, networks, transform: transform?.namespace },
          ]),
        ),
      },
      nodePools: props.nomad?.nodePools ?? {},
      scheduler: props.nomad?.scheduler ?? {},
      transform: props.transform?.tenancy,
    });
    new NomadVariableSet(this, "variables", {
      variables: props.nomad?.variables ?? {},
      namespaces: tenancy.namespaces,
      transform: props.transform?.variables,
    });
    const common = { nomadAddress: nomad.machine, ca: this.ca };
    if (this.has("consul")) {
      const transform = props.transform?.consulWorkloads;
      new ConsulWorkloads(this, "consul-workloads", { ...common, namespaces, transform });
    }
    return new VaultWorkloads(this, "vault-workloads", {
      ...common,
      kvMount,
      userClaim: props.vault?.workloadClaim ?? "unique-id",
      roles: props.vault?.workloadRoles ?? {},
      transform: props.transform?.vaultWorkloads,
    });
  }
}

/** What is laid on policies, for the constructs of each language. */
function policyTransforms(shared: PolicyTransforms = {}, own: PolicyTransforms = {}) {
  return {
    vault: { policy: inTurn(shared.vault, own.vault) },
    consul: { policy: inTurn(shared.consul, own.consul) },
    nomad: { policy: inTurn(shared.nomad, own.nomad) },
  };
}

/** CI's two identities, by the names of their policies. */
const CI_GRANTS = ["deployer", "planner"] as const;

/** Who gets what in Consul and Nomad. Only a management token may change what is ACL in Nomad. */
function grantsOf(teams: readonly Team[]): Record<string, Grant> {
  const named = (name: string): [string, Grant] => [name, { consul: name, nomad: name }];
  return {
    deployer: { consul: "deployer", nomad: MANAGEMENT },
    planner: { consul: "planner", nomad: "planner" },
    ...Object.fromEntries(
      personas.map((persona) => [
        persona,
        { consul: persona, nomad: personaRules[persona].nomad === MANAGEMENT ? MANAGEMENT : persona },
      ]),
    ),
    ...Object.fromEntries(teams.flatMap(({ name }) => [named(teamPolicy(name)), named(teamCiPolicy(name))])),
  };
}

function groupsOf(
  matrix: Readonly<Record<string, readonly (typeof personas)[number][]>>,
  teams: readonly Team[],
): Record<string, GroupRights> {
  const groups: Record<string, { vault: string[]; nomad: string[] }> = {};
  const give = (group: string, vault: string, nomad: string) => {
    groups[group] ??= { vault: [], nomad: [] };
    groups[group].vault.push(vault);
    groups[group].nomad.push(nomad);
  };
  for (const [group, roles] of Object.entries(matrix)) {
    for (const persona of roles) {
      give(group, persona, personaRules[persona].nomad === MANAGEMENT ? MANAGEMENT : persona);
    }
  }
  for (const { name, group } of teams) if (group !== undefined) give(group, teamPolicy(name), teamPolicy(name));
  return groups;
}

function teamStatic(team: Team) {
  return {
    namespace: team.name,
    services: teamServices(team),
    hosts: teamHosts(team),
    entrances: teamEntrances(team),
    secretsPath: team.name,
  };
}
