import { AclBindingRule } from "@cdktf/provider-consul/lib/acl-binding-rule";
import { AclRole } from "@cdktf/provider-consul/lib/acl-role";
import { Namespace } from "@cdktf/provider-nomad/lib/namespace";
import { Construct } from "constructs";
import { hcl } from "../core/hcl";
import { ConsulPolicy } from "../platform/consul/policy";
import type { PlatformContract } from "../platform/contract";
import { addWorkloadNamespace } from "../platform/identity/workloads";
import type { ConsulPolicyRules } from "../platform/policy/consul-rules";
import { waiveByChoice } from "../policy/waiver";
import type { SupportArea } from "./contract";

/** Nomad's namespaces of the support's own jobs. No team has one that begins like this by accident. */
export const supportNamespaces: Readonly<Record<SupportArea, string>> = {
  gateways: "caravan-gateways",
  storage: "caravan-storage",
  observability: "caravan-observability",
  operations: "caravan-operations",
};

export interface SupportNamespaceProps {
  readonly platform: PlatformContract;
  readonly area: SupportArea;
  readonly description: string;
  /** Task drivers that its jobs may use. @default ["docker"] */
  readonly drivers?: readonly string[];
  /** Network modes that its jobs may use. @default ["bridge"] */
  readonly networks?: readonly string[];
  /** Names of services that its jobs register. */
  readonly services: readonly string[];
}

/** A namespace of the support's own jobs: what they may use of a node, and who they are to Consul. */
export class SupportNamespace extends Construct {
  /** Its name; what stands in it depends on this construct. */
  readonly namespace: string;

  constructor(scope: Construct, id: string, props: SupportNamespaceProps) {
    super(scope, id);
    const { platform, area, drivers = ["docker"], networks = ["bridge"], services } = props;
    this.namespace = supportNamespaces[area];
    const made = new Namespace(this, "Default", {
      name: this.namespace,
      description: hcl.text(props.description),
      capabilities: { enabledTaskDrivers: [...drivers], enabledNetworkModes: [...networks] },
    });
    if (networks.includes("host")) {
      waiveByChoice(made, {
        rule: "nomad-host-network",
        prop: "networks",
        reason:
          "only jobs of this library stand here: they speak with the node's Consul agent, which listens on loopback",
      });
    }
    if (platform.static.products.includes("consul")) {
      const { consulMethod } = platform.static.workloads;
      addWorkloadNamespace(this, consulMethod, { name: this.namespace, services });
    }
  }
}

export interface ConsulGrantProps {
  readonly platform: PlatformContract;
  readonly area: SupportArea;
  /** The one job whose tasks get it. */
  readonly jobId: string;
  readonly description: string;
  readonly rules: ConsulPolicyRules;
}

/** Rights in Consul for the tasks of one job, beyond those of its namespace. */
export class ConsulGrant extends Construct {
  constructor(scope: Construct, id: string, { platform, area, jobId, description, rules }: ConsulGrantProps) {
    super(scope, id);
    const name = `${supportNamespaces[area]}-${jobId}`;
    const policy = new ConsulPolicy(this, "policy", { name, description, rules });
    const role = new AclRole(this, "role", {
      name,
      description: hcl.text(description),
      policies: [policy.resource.id],
    });
    new AclBindingRule(this, "binding", {
      authMethod: platform.static.workloads.consulMethod,
      bindType: "role",
      bindName: role.name,
      selector: `"nomad_service" not in value and value.nomad_namespace=="${supportNamespaces[area]}" and value.nomad_job_id=="${jobId}"`,
      description: hcl.text(description),
    });
  }
}
