import { AclPolicy, type AclPolicyConfig } from "@cdktf/provider-consul/lib/acl-policy";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { matching } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { type ConsulPolicyRules, consulPolicyHcl, lintConsulRules } from "../policy/consul-rules";

export interface ConsulPolicyProps {
  /** Its name, unique in the datacenter. */
  readonly name: string;
  readonly rules: ConsulPolicyRules;
  /** @default - none */
  readonly description?: string;
  /** @default - none */
  readonly transform?: { readonly policy?: Transform<AclPolicyConfig> };
}

export const consulPolicyName = matching(
  /(?!global-management$|builtin\/)[A-Za-z0-9_-]{1,128}/,
  "1 to 128 letters, digits, hyphens and underscores; not global-management",
  'use a name such as "team-shop"',
);

/**
 * An ACL policy of Consul, of typed rules that are checked at synth.
 *
 * @throws InvalidPropsError for a resource or level that Consul does not know, and for a `*` in a name, which is none.
 */
export class ConsulPolicy extends Construct {
  readonly resource: AclPolicy;
  readonly policyName: string;

  constructor(scope: Construct, id: string, props: ConsulPolicyProps) {
    super(scope, id);
    const check = new PropsCheck("ConsulPolicy", scope, id);
    check.required("name", props.name, consulPolicyName);
    for (const problem of lintConsulRules("rules", props.rules)) check.add(problem);
    check.done();
    const config: AclPolicyConfig = {
      name: props.name,
      description: props.description === undefined ? undefined : hcl.text(props.description),
      rules: hcl.text(consulPolicyHcl(props.rules)),
    };
    this.resource = new AclPolicy(this, "Default", transformed(props.transform?.policy, config));
    this.policyName = this.resource.name;
  }
}
