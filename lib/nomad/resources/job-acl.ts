import { AclPolicy, type AclPolicyConfig } from "@cdktf/provider-nomad/lib/acl-policy";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { matching, text } from "../../core/rules";

/** What tasks may do with Nomad itself, by their workload identity, beyond reading their own variables. */
export interface NomadJobAclProps {
  /** Name of the policy, unique in the region. */
  readonly name: string;
  /** The job that gets the rights. */
  readonly jobId: string;
  /** @default "default" */
  readonly namespace?: string;
  /** Only the tasks of this group. @default - all groups */
  readonly group?: string;
  /** Only this task; with `group`. @default - all tasks */
  readonly task?: string;
  /** @default - none */
  readonly description?: string;
  /**
   * Rights in namespaces, by name; `*` stands for any characters.
   * @default - none
   */
  readonly namespaces?: Readonly<Record<string, NamespaceRights>>;
  /** @default - none */
  readonly node?: "read" | "write";
  /** @default - none */
  readonly agent?: "read" | "write";
  /**
   * Last changes to what is made, as it is about to be made.
   * @default - none
   */
  readonly transform?: { readonly policy?: (config: AclPolicyConfig) => AclPolicyConfig };
}

/** Rights in a namespace. */
export interface NamespaceRights {
  /**
   * Many at once.
   * @default - none
   */
  readonly policy?: "read" | "write" | "scale";
  /** One by one: `"submit-job"`, `"dispatch-job"`, `"read-logs"`. @default - none */
  readonly capabilities?: readonly string[];
  /** Rights to variables, by path; `*` stands for any characters. @default - none */
  readonly variables?: Readonly<Record<string, readonly ("list" | "read" | "write" | "destroy" | "deny")[]>>;
}

const NAME = matching(/[A-Za-z0-9-]{1,128}/, "1 to 128 letters, digits and hyphens", 'use a name such as "autoscaler"');

/**
 * An ACL policy for the tasks of a job, which they use through their identity (`identity: { env: true }`), without a token
 * that somebody keeps.
 *
 * @throws InvalidPropsError for a name that Nomad refuses, a task without its group, and a policy without rights.
 */
export class NomadJobAcl extends Construct {
  readonly resource: AclPolicy;

  constructor(scope: Construct, id: string, props: NomadJobAclProps) {
    super(scope, id);
    const check = new PropsCheck("NomadJobAcl", scope, id);
    check.required("name", props.name, NAME);
    check.required("jobId", props.jobId, text);
    if (props.task !== undefined && props.group === undefined) {
      check.add({ property: "group", given: undefined, allowed: "it with task", fix: "name the group of the task" });
    }
    const rules = rulesOf(props);
    if (Object.keys(rules).length === 0) {
      const allowed = "1 or more of namespaces, node and agent";
      check.add({ property: "namespaces", given: props.namespaces, allowed, fix: "give a right" });
    }
    check.done();
    const { name, description, jobId, namespace, group, task } = props;
    const config: AclPolicyConfig = {
      name,
      description: description === undefined ? undefined : hcl.text(description),
      // Nomad reads its rules from JSON as well.
      rulesHcl: hcl.json(rules),
      jobAcl: { jobId, namespace: namespace ?? "default", group, task },
    };
    this.resource = new AclPolicy(this, "Default", props.transform?.policy?.(config) ?? config);
  }
}

function rulesOf({ namespaces = {}, node, agent }: NomadJobAclProps): Readonly<Record<string, unknown>> {
  const namespace = Object.entries(namespaces).map(([name, { policy, capabilities, variables }]) => {
    const path = Object.entries(variables ?? {}).map(([at, rights]) => [at, { capabilities: rights }]);
    const paths = path.length === 0 ? {} : { variables: { path: Object.fromEntries(path) } };
    return [name, { policy, capabilities, ...paths }] as const;
  });
  return {
    ...(namespace.length === 0 ? {} : { namespace: Object.fromEntries(namespace) }),
    ...(node === undefined ? {} : { node: { policy: node } }),
    ...(agent === undefined ? {} : { agent: { policy: agent } }),
  };
}
