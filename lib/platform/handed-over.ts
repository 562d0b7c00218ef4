import { AclPolicy as ConsulPolicyResource } from "@cdktf/provider-consul/lib/acl-policy";
import { DataConsulAclPolicy } from "@cdktf/provider-consul/lib/data-consul-acl-policy";
import { AclPolicy as NomadPolicyResource } from "@cdktf/provider-nomad/lib/acl-policy";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { hcl } from "../core/hcl";
import { type InfrastructureContract, isOnCloud } from "../infrastructure/contract";
import { existingProducts } from "../infrastructure/existing";
import { adopt } from "../layer/blocks";
import { protect } from "../layer/protection";
import { transformed } from "../layer/transform";
import { type Access, access } from "../node/access";
import { consulPolicyText, nomadPolicyText } from "../node/access-rules";
import { consulRoles } from "../node/names";
import { isAdministrator, nameAdministrator } from "./administrators";
import type { HandedOverTransform } from "./handed-over-transform";
import { handedOverToVault, type NodeFacts } from "./handed-over-vault";

export interface HandedOverProps {
  readonly infrastructure: InfrastructureContract;
  /** @default - none */
  readonly transform?: HandedOverTransform;
}

/**
 * What first boot handed over to Vault, Consul and Nomad, taken into this stack by import blocks made of the same data: a
 * change of it is a plan from then on, not a boot. It goes with the infrastructure, so Terraform refuses to destroy it.
 *
 * Servers that exist have had no first boot: there the policies that are not about nodes are created.
 */
export class HandedOver extends Construct {
  constructor(scope: Construct, id: string, { infrastructure, transform }: HandedOverProps) {
    super(scope, id);
    const isAdopted = isOnCloud(infrastructure);
    const who = accessOf(infrastructure);
    if (who.vault !== undefined) {
      handedOverToVault(this, who.vault, isAdopted, nodeFacts(this, infrastructure), transform);
    }
    for (const { name, description, rules } of who.consul?.policies ?? []) {
      const policy = new ConsulPolicyResource(
        this,
        `consul-${name}`,
        transformed(transform?.consulPolicy, {
          name,
          description: hcl.text(description),
          rules: hcl.text(consulPolicyText(rules)),
        }),
      );
      if (rules.acl === "write" && isAdministrator(name)) nameAdministrator(policy, name, "consul-acl-write");
      // Consul chose its id; by its name it is found.
      if (!isAdopted) continue;
      const lookup = transformed(transform?.consulPolicyLookup, { name });
      taken(policy, new DataConsulAclPolicy(this, `consul-${name}-there`, lookup).id);
    }
    for (const { name, description, rules } of who.nomad?.policies ?? []) {
      const policy = new NomadPolicyResource(
        this,
        `nomad-${name}`,
        transformed(transform?.nomadPolicy, {
          name,
          description: hcl.text(description),
          rulesHcl: hcl.text(nomadPolicyText(rules)),
        }),
      );
      if (name === "deployer") nameAdministrator(policy, name, "nomad-all-namespaces", "nomad-operator-write");
      if (isAdopted) taken(policy, name);
    }
  }
}

/** Cloud identities of nodes and of CI, by the roles that they sign in to Vault with. */
export function nodeFacts(scope: Construct, infrastructure: InfrastructureContract): NodeFacts {
  if (!isOnCloud(infrastructure)) return { principals: () => [] };
  const known = infrastructure.static;
  const { serverIdentities, workerIdentities, ciIdentities } = infrastructure.applied(scope);
  const identityOf = (name: string): string => {
    if (name === "deployer" || name === "planner") return ciIdentities.get(name);
    const group = name.replace(/^(server|worker)-/, "");
    return (name.startsWith("server-") ? serverIdentities : workerIdentities).get(group);
  };
  return {
    principals(name) {
      const identity = identityOf(name);
      // As first boot writes it where IAM cannot be asked: without its path, which is what STS tells.
      const asStsTells = known.cloud === "aws" && known.access.discovery === "addresses";
      return [asStsTells ? hcl.callString("replace", identity, "/:role\\/.+\\//", ":role/") : identity];
    },
  };
}

function taken(resource: TerraformResource, id: string): void {
  adopt(resource, id);
  protect(resource);
}

/** What of the hand-overs of an infrastructure is this layer's. */
export function accessOf(infrastructure: InfrastructureContract): Access {
  if (isOnCloud(infrastructure)) return access(infrastructure.static.access);
  const known = infrastructure.static;
  const who = access({
    environment: known.environment,
    cloud: { name: "aws", region: "" },
    datacenter: known.datacenter ?? "",
    region: known.nomadRegion ?? "",
    insideDomain: "",
    servers: { servers: { count: 1, runs: existingProducts(known) } },
    workers: {},
  });
  // Nodes of servers that exist are somebody else's: what is left is what CI and operators are.
  return {
    ...who,
    vault: { objects: (who.vault?.objects ?? []).filter((one) => one.kind === "policy" && CI.includes(one.name)) },
    ...(who.consul === undefined
      ? {}
      : { consul: { policies: who.consul.policies.filter(({ name }) => NOT_OF_NODES.includes(name)), tokens: [] } }),
  };
}

const CI = ["deployer", "planner"];
const NOT_OF_NODES = [...CI, "snapshot", consulRoles.dns];
