import { Variable, type VariableConfig } from "@cdktf/provider-nomad/lib/variable";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { matching } from "../../core/rules";
import { looksSecret, namesSecret } from "../secret-patterns";

export interface NomadVariableProps {
  /**
   * Where it is: `"nomad/jobs/web"` is read by the tasks of the job `web` without further rights, `"nomad/jobs"` by those
   * of all jobs.
   */
  readonly path: string;
  /** Keys and values. They are in Terraform's state: settings, not secrets. */
  readonly items: Readonly<Record<string, string>>;
  /**
   * Its namespace.
   * @default "default"
   */
  readonly namespace?: string;
  /**
   * Last changes to what is made, as it is about to be made.
   * @default - none
   */
  readonly transform?: { readonly variable?: (config: VariableConfig) => VariableConfig };
}

const PATH = matching(
  /[A-Za-z0-9_~-]+(?:\/[A-Za-z0-9_~-]+)*/,
  "1 to 128 letters, digits, hyphens, underscores, tildes and inner slashes",
  'write it as "nomad/jobs/web"',
);

/**
 * Settings in Nomad's own store, for templates (`nomadVar`) and `secret` blocks. What is a literal secret is refused: it
 * would be in the state.
 *
 * @throws InvalidPropsError for a path that Nomad refuses, and for items that look like secrets.
 */
export class NomadVariable extends Construct {
  readonly resource: Variable;

  constructor(scope: Construct, id: string, props: NomadVariableProps) {
    super(scope, id);
    const check = new PropsCheck("NomadVariable", scope, id);
    if (check.required("path", props.path, PATH)) checkPath(props.path, check);
    if (Object.keys(props.items).length === 0) {
      check.add({ property: "items", given: props.items, allowed: "1 or more", fix: "give a key and its value" });
    }
    for (const [key, value] of Object.entries(props.items)) {
      if (!check.required(`items.${key}`, value, TEXT)) continue;
      if (!looksSecret(value) && !namesSecret(key)) continue;
      const fix = "put it into Vault, or write the variable with `nomad var put` and keep it out of Terraform";
      check.add({ property: `items.${key}`, given: "what looks like a secret", allowed: "settings", fix });
    }
    check.done();
    const { path, items, namespace } = props;
    const config: VariableConfig = { path: hcl.text(path), items: hcl.value({ ...items }), namespace };
    this.resource = new Variable(this, "Default", props.transform?.variable?.(config) ?? config);
  }
}

const TEXT = {
  allowed: "a text",
  fix: "give a text",
  accepts: (value: unknown): value is string => typeof value === "string",
};

/** What Nomad keeps for itself below `nomad/`. */
function checkPath(path: string, check: PropsCheck): void {
  const given = path;
  if (path.length > 128) {
    check.add({ property: "path", given, allowed: "at most 128 characters", fix: "shorten it" });
  }
  if (/^nomad(\/|$)/.test(path) && !/^nomad\/(jobs(\/.+)?|job-templates\/.+)$/.test(path)) {
    const allowed = '"nomad/jobs", what lies below it, and "nomad/job-templates/..."';
    check.add({ property: "path", given, allowed, fix: "move it: the rest of nomad/ is Nomad's own" });
  }
}
