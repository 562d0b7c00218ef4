import { AclPolicy, type AclPolicyConfig } from "@cdktf/provider-nomad/lib/acl-policy";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { matching } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { lintNomadRules, type NomadPolicyRules, nomadPolicyHcl } from "../policy/nomad-rules";

export interface NomadPolicyProps {
  /** Its name, unique in the region. The policy `anonymous` is for who has no token. */
  readonly name: string;
  readonly rules: NomadPolicyRules;
  /** @default - none */
  readonly description?: string;
  /** @default - none */
  readonly transform?: { readonly policy?: Transform<AclPolicyConfig> };
}

export const nomadPolicyName = matching(
  /[A-Za-z0-9-]{1,128}/,
  "1 to 128 letters, digits and hyphens",
  'use a name such as "team-shop"',
);

/**
 * An ACL policy of Nomad, of typed rules that are checked at synth.
 *
 * @throws InvalidPropsError for a capability or policy that Nomad does not know.
 */
export class NomadPolicy extends Construct {
  readonly resource: AclPolicy;
  readonly policyName: string;

  constructor(scope: Construct, id: string, props: NomadPolicyProps) {
    super(scope, id);
    const check = new PropsCheck("NomadPolicy", scope, id);
    check.required("name", props.name, nomadPolicyName);
    for (const problem of lintNomadRules("rules", props.rules)) check.add(problem);
    check.done();
    const config: AclPolicyConfig = {
      name: props.name,
      description: props.description === undefined ? undefined : hcl.text(props.description),
      rulesHcl: hcl.text(nomadPolicyHcl(props.rules)),
    };
    this.resource = new AclPolicy(this, "Default", transformed(props.transform?.policy, config));
    this.policyName = this.resource.name;
  }
}
