import type { Behaviours, ResourceBehaviour } from "./behaviour";
import type { MadeUp } from "./made-up";
import type { Block } from "./schema";
import { hasUnknown, isObject, mapBlock, same, UNKNOWN, type Value, type Values } from "./values";

/** One resource type's life: what Terraform plans, applies, reads and imports. */
export class ResourceType {
  private readonly behaviour: ResourceBehaviour;
  /** What was applied, by id: an import finds it again. */
  private readonly objects = new Map<string, Values>();

  constructor(
    private readonly type: string,
    private readonly schema: Block,
    private readonly madeUp: MadeUp,
    behaviours: Behaviours,
  ) {
    this.behaviour = behaviours.resources?.[type] ?? {};
  }

  /** The state that apply will lead to, and which attributes force a replacement. */
  plan(prior: Values | null, proposed: Values): { planned: Values; replace: string[] } {
    const bare = this.withoutSecrets(proposed);
    if (prior !== null && same(prior, bare)) return { planned: prior, replace: [] };
    const volatile = prior === null ? [] : (this.behaviour.volatile ?? []);
    const planned = mapBlock(this.schema, bare, (value, { computed }, path) => {
      const again = path.length === 1 && volatile.includes(path[0] ?? "");
      return computed && (value === null || again) ? UNKNOWN : value;
    });
    const replace = (this.behaviour.replaceOn ?? []).filter(
      (name) => prior !== null && !same(prior[name], planned[name]),
    );
    return { planned, replace };
  }

  async create(planned: Values, config: Values, provider: Values): Promise<Values> {
    const told = (await this.behaviour.create?.(planned, { config, provider })) ?? {};
    return this.remember(this.settle(planned, told));
  }

  async update(planned: Values, prior: Values, config: Values, provider: Values): Promise<Values> {
    const told = (await this.behaviour.update?.(planned, prior, { config, provider })) ?? {};
    return this.remember(this.settle(planned, told));
  }

  async delete(state: Values, provider: Values): Promise<void> {
    await this.behaviour.delete?.(state, { provider });
    this.objects.delete(String(state["id"]));
  }

  /** Before its configuration is known, a provider cannot ask anything: the state is answered as it is. */
  async read(state: Values, provider: Values): Promise<Values | null> {
    if (this.behaviour.read !== undefined && !hasUnknown(provider)) {
      const told = await this.behaviour.read(state, { provider });
      return told === null ? null : this.withoutSecrets({ ...state, ...told });
    }
    return mapBlock(this.schema, state, this.madeUp.reader(this.type));
  }

  async import(id: string, provider: Values): Promise<Values | null> {
    if (this.behaviour.import !== undefined) {
      const told = await this.behaviour.import(id, { provider });
      return told === null ? null : this.withoutSecrets(told);
    }
    return this.withoutSecrets(this.objects.get(id) ?? ("id" in this.schema.attributes ? { id } : {}));
  }

  /** Fills what is unknown: with what the operation told, else with something made up. */
  private settle(planned: Values, told: Values): Values {
    return mapBlock(this.schema, fill(planned, told) as Values, this.madeUp.filler(this.type));
  }

  private remember(state: Values): Values {
    if (typeof state["id"] === "string") this.objects.set(state["id"], state);
    return state;
  }

  private withoutSecrets(values: Values): Values {
    return mapBlock(this.schema, values, (value, { writeOnly }) => (writeOnly ? null : value));
  }
}

/** A data source's answer: its configuration, what the behaviour says, and made-up values for the rest. */
export async function readData(
  type: string,
  schema: Block,
  config: Values,
  provider: Values,
  madeUp: MadeUp,
  behaviours: Behaviours,
): Promise<Values> {
  const told = (await behaviours.data?.[type]?.(config, { provider })) ?? {};
  return mapBlock(schema, { ...told, ...onlyGiven(config) }, madeUp.reader(type));
}

/** Known values stay: a provider that changes one is refused by Terraform. */
function fill(planned: Value, told: Value | undefined): Value {
  if (planned === UNKNOWN) return told === undefined ? UNKNOWN : told;
  if (Array.isArray(planned) && Array.isArray(told)) return planned.map((value, at) => fill(value, told[at]));
  if (!isObject(planned) || !isObject(told)) return planned;
  return Object.fromEntries(Object.entries(planned).map(([name, value]) => [name, fill(value, told[name])]));
}

function onlyGiven(config: Values): Values {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}
