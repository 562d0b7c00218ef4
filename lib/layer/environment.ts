import { type PropsCheck, rule } from "../core/errors";
import { shortName } from "../core/rules";
import { State } from "./state";

/** One environment of a company: everything that is planned, applied and torn down under one name. */
export interface Environment {
  /**
   * Name of the environment, part of every stack's id and of every physical name: 1 to 16 lower-case letters, digits
   * and hyphens, a letter first.
   */
  readonly name: string;

  /** Where the Terraform state of its stacks is kept. */
  readonly state: State;

  /**
   * Tags on everything that can be tagged, beside `caravan-environment` and `caravan-stack`. A tag of a single
   * resource wins over these.
   *
   * @default - no further tags
   */
  readonly tags?: Readonly<Record<string, string>>;
}

const state = rule<State>({
  allowed: "a state: new S3State(...), new GcsState(...), new AzurermState(...) or new LocalState(...)",
  fix: "make one of them and give it",
  accepts: State.isState,
});

/** Checks an environment as one property of a stack's props. */
export function checkEnvironment(check: PropsCheck, environment: Environment | undefined): void {
  check.required("environment.name", environment?.name, shortName(16, "prod"));
  check.required("environment.state", environment?.state, state);
  for (const [key, value] of Object.entries(environment?.tags ?? {})) {
    if (key.startsWith("caravan-")) {
      check.add({
        property: `environment.tags["${key}"]`,
        given: value,
        allowed: "a tag whose name does not begin with caravan-, which this library sets itself",
        fix: "choose another name",
      });
    }
  }
}
