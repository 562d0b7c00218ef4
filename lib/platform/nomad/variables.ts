import { Variable, type VariableConfig } from "@cdktf/provider-nomad/lib/variable";
import { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { matching, text } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";

/** Items by namespace and path. None is secret: they stand in Terraform's state. */
export type NomadVariables = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

export interface NomadVariableSetProps {
  readonly variables: NomadVariables;
  /** What must be there before, by namespace. */
  readonly namespaces: Readonly<Record<string, Construct>>;
  /** Laid on all variables. @default - none */
  readonly transform?: { readonly variable?: Transform<VariableConfig> };
}

/** https://developer.hashicorp.com/nomad/docs/concepts/variables: what Nomad takes as a path and as a name of an item. */
const variablePath = matching(
  /[a-zA-Z0-9_~/-]{1,128}/,
  "a path of letters, digits, - _ ~ and /",
  'use "nomad/jobs/api"',
);
const itemName = matching(/[\p{L}\p{N}_]{1,128}/u, "a name of letters, digits and underscores", 'use "LOG_LEVEL"');

/** A name that is a secret's in all likelihood. */
const SECRET = /passw|secret|token|private_?key|api_?key|credential/i;

export function checkVariables(check: PropsCheck, variables: NomadVariables, namespaces: readonly string[]): void {
  for (const [namespace, paths] of Object.entries(variables)) {
    if (!namespaces.includes(namespace)) {
      const allowed = `a namespace of this platform: ${namespaces.join(", ")}`;
      check.add({ property: `variables["${namespace}"]`, given: namespace, allowed, fix: "name one, or add it" });
    }
    for (const [path, items] of Object.entries(paths)) {
      const at = `variables["${namespace}"]["${path}"]`;
      check.required(at, path, variablePath);
      if (/^nomad(\/|$)/.test(path) && !/^nomad\/(jobs|job-templates)(\/|$)/.test(path)) {
        const allowed = "below nomad/ only nomad/jobs and nomad/job-templates, as Nomad has it";
        check.add({ property: at, given: path, allowed, fix: "choose another path" });
      }
      for (const [name, value] of Object.entries(items)) {
        check.required(`${at}["${name}"]`, name, itemName);
        check.required(`${at}["${name}"]`, value, text);
        if (!SECRET.test(name)) continue;
        const allowed = "what is no secret, as it stands in Terraform's state";
        const fix = "keep it in Vault, or write it with `nomad var put`";
        check.add({ property: `${at}["${name}"]`, given: name, allowed, fix });
      }
    }
  }
}

/** Nomad's variables: configuration that jobs of a namespace read. */
export class NomadVariableSet extends Construct {
  constructor(scope: Construct, id: string, { variables, namespaces, transform }: NomadVariableSetProps) {
    super(scope, id);
    for (const [namespace, paths] of Object.entries(variables)) {
      for (const [path, items] of Object.entries(paths)) {
        const variable = new Variable(
          this,
          `${namespace}-${path.replaceAll("/", "-")}`,
          transformed(transform?.variable, { namespace, path, items: hcl.value({ ...items }) }),
        );
        const before = namespaces[namespace];
        if (before !== undefined) variable.node.addDependency(before);
      }
    }
  }
}
