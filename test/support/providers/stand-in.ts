import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Behaviours } from "./behaviour";
import { BindingPackage } from "./bindings";
import { MadeUp } from "./made-up";
import { ResourceType, readData } from "./resource";
import { type Block, schemaOf } from "./schema";
import { type DynamicValue, isObject, mapBlock, pack, unpack, type Values } from "./values";
import { diagnostic, schemaOnWire } from "./wire";

/** What one connection needs to be found by `TF_REATTACH_PROVIDERS`. */
export interface Reattach {
  readonly Protocol: "grpc";
  readonly ProtocolVersion: 6;
  readonly Pid: number;
  readonly Test: true;
  readonly Addr: { readonly Network: "tcp"; readonly String: string };
}

type Request = Readonly<Record<string, unknown>> & {
  readonly type_name: string;
  readonly id: string;
  readonly config?: DynamicValue;
};

/**
 * A provider that answers in this process for the real one: the true schema of the types it was asked to serve, and an
 * echo of what was planned, unless a behaviour does more.
 */
export class StandIn {
  readonly bindings: BindingPackage;
  private readonly server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  private readonly schemas = { resource: new Map<string, Block>(), data: new Map<string, Block>() };
  private readonly lives = new Map<string, ResourceType>();
  private readonly madeUp = new MadeUp();
  private readonly providerSchema: Block;
  /** Each alias of the provider is a connection of its own, with its own configuration. */
  private readonly configurations = new Map<string, Values>();
  private port = 0;

  /** @param provider Terraform's local name, `"aws"`; its package `@cdktf/provider-aws` must be installed. */
  constructor(
    provider: string,
    private readonly behaviours: Behaviours = {},
  ) {
    this.bindings = new BindingPackage(provider);
    this.providerSchema = schemaOf(this.bindings.readProvider());
  }

  async start(): Promise<void> {
    this.server.addService(providerService(), this.methods());
    this.server.addService(CONTROLLER, {
      Shutdown: (_: unknown, done: (e: null, answer: Buffer) => void) => done(null, EMPTY),
    });
    this.port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  stop(): void {
    this.server.forceShutdown();
  }

  get reattach(): Reattach {
    const Addr = { Network: "tcp", String: `127.0.0.1:${this.port}` } as const;
    return { Protocol: "grpc", ProtocolVersion: 6, Pid: process.pid, Test: true, Addr };
  }

  /** Adds types to what is served. A type that the provider does not have stays unknown to Terraform too. */
  serve(kind: "resource" | "data", types: Iterable<string>): void {
    for (const type of types) {
      if (this.schemas[kind].has(type)) continue;
      const source = this.bindings.read(kind, type);
      if (source === undefined) continue;
      const schema = schemaOf(source);
      const newer = kind === "resource" ? this.behaviours.newer?.[type] : undefined;
      this.schemas[kind].set(type, { ...schema, attributes: { ...schema.attributes, ...newer } });
    }
  }

  private methods(): grpc.UntypedServiceImplementation {
    const answer =
      (handle: (request: Request, provider: Values) => unknown): grpc.handleUnaryCall<Request, unknown> =>
      async (call, done) => {
        try {
          done(null, await handle(call.request, this.configurations.get(call.getPeer()) ?? {}));
        } catch (error) {
          const text = error instanceof Error ? error.message : String(error);
          done(null, { diagnostics: [diagnostic(`Stand-in for ${this.bindings.provider}: ${text}`)] });
        }
      };
    return {
      GetProviderSchema: answer(() => this.schemaResponse()),
      ValidateProviderConfig: answer(({ config }) => validate(this.providerSchema, config)),
      ValidateResourceConfig: answer(({ type_name, config }) => validate(this.known("resource", type_name), config)),
      ValidateDataResourceConfig: answer(({ type_name, config }) => validate(this.known("data", type_name), config)),
      ValidateEphemeralResourceConfig: answer(() => ({})),
      StopProvider: answer(() => ({})),
      ConfigureProvider: (call: grpc.ServerUnaryCall<Request, unknown>, done: grpc.sendUnaryData<unknown>) => {
        this.configurations.set(call.getPeer(), object(call.request.config));
        done(null, {});
      },
      UpgradeResourceState: answer((request) => this.upgrade(request)),
      PlanResourceChange: answer((request) => this.plan(request)),
      ApplyResourceChange: answer((request, provider) => this.apply(request, provider)),
      ReadResource: answer(async ({ type_name, ...request }, provider) => {
        const state = unpack(request["current_state"] as DynamicValue);
        const read = isObject(state) ? await this.life(type_name).read(state, provider) : null;
        return { new_state: pack(read), private: request["private"] };
      }),
      ImportResourceState: answer(async ({ type_name, id }, provider) => {
        const state = await this.life(type_name).import(id, provider);
        if (state === null) return { diagnostics: [diagnostic(`Cannot import ${type_name}`, `There is no "${id}".`)] };
        return { imported_resources: [{ type_name, state: pack(state) }] };
      }),
      ReadDataSource: answer(async ({ type_name, config }, provider) => {
        const schema = this.known("data", type_name);
        return {
          state: pack(await readData(type_name, schema, object(config), provider, this.madeUp, this.behaviours)),
        };
      }),
      OpenEphemeralResource: answer(async ({ type_name, config }, provider) => {
        const behaviour = this.behaviours.ephemeral?.[type_name];
        if (behaviour === undefined) throw new Error(`no ephemeral resource ${type_name}`);
        const opened = { ...object(config), ...(await behaviour.open(object(config), { provider })) };
        const result = mapBlock(behaviour.schema, opened, (value) => value);
        return { result: pack(result), private: Buffer.from(pack(result).msgpack ?? []) };
      }),
      CloseEphemeralResource: answer(async ({ type_name, ...request }, provider) => {
        const opened = object({ msgpack: request["private"] as Uint8Array });
        await this.behaviours.ephemeral?.[type_name]?.close?.(opened, { provider });
        return {};
      }),
    };
  }

  private schemaResponse() {
    const all = (schemas: Iterable<[string, Block]>) =>
      Object.fromEntries([...schemas].map(([type, block]) => [type, schemaOnWire(block)]));
    const ephemeral = Object.entries(this.behaviours.ephemeral ?? {});
    return {
      provider: schemaOnWire(this.providerSchema),
      resources: all(this.schemas.resource),
      data: all(this.schemas.data),
      ephemeral: all(ephemeral.map(([type, { schema }]) => [type, schema])),
      server_capabilities: {},
    };
  }

  /** A state may be older than the schema or come from the real provider: it keeps what the schema knows. */
  private upgrade({ type_name, ...request }: Request) {
    const state = unpack({ json: (request["raw_state"] as { json: Uint8Array }).json });
    const known = isObject(state) ? mapBlock(this.known("resource", type_name), state, (value) => value) : state;
    // As JSON again: a state writes untyped values in another way than the wire does.
    return { upgraded_state: { json: Buffer.from(JSON.stringify(known)) } };
  }

  private plan({ type_name, ...request }: Request) {
    const prior = unpack(request["prior_state"] as DynamicValue);
    const proposed = unpack(request["proposed_new_state"] as DynamicValue);
    if (!isObject(proposed)) return { planned_state: pack(null) };
    const { planned, replace } = this.life(type_name).plan(isObject(prior) ? prior : null, proposed);
    return {
      planned_state: pack(planned),
      requires_replace: replace.map((attribute_name) => ({ steps: [{ attribute_name }] })),
    };
  }

  private async apply({ type_name, ...request }: Request, provider: Values) {
    const prior = unpack(request["prior_state"] as DynamicValue);
    const planned = unpack(request["planned_state"] as DynamicValue);
    const config = object(request.config);
    const life = this.life(type_name);
    try {
      if (!isObject(planned)) {
        if (isObject(prior)) await life.delete(prior, provider);
        return { new_state: pack(null) };
      }
      const made = isObject(prior)
        ? await life.update(planned, prior, config, provider)
        : await life.create(planned, config, provider);
      return { new_state: pack(made) };
    } catch (error) {
      // The prior state is what is left after a failure; without it Terraform would forget the object.
      const text = error instanceof Error ? error.message : String(error);
      return { new_state: pack(prior), diagnostics: [diagnostic(`${type_name}: ${text}`)] };
    }
  }

  private life(type: string): ResourceType {
    const life =
      this.lives.get(type) ?? new ResourceType(type, this.known("resource", type), this.madeUp, this.behaviours);
    this.lives.set(type, life);
    return life;
  }

  private known(kind: "resource" | "data", type: string): Block {
    const schema = this.schemas[kind].get(type);
    if (schema === undefined) throw new Error(`no ${kind} type ${type} is served`);
    return schema;
  }
}

const EMPTY = Buffer.alloc(0);

/** What go-plugin calls to end a provider; without it each call of Terraform waits two seconds. */
const CONTROLLER: grpc.ServiceDefinition = {
  Shutdown: {
    path: "/plugin.GRPCController/Shutdown",
    requestStream: false,
    responseStream: false,
    requestSerialize: () => EMPTY,
    requestDeserialize: () => EMPTY,
    responseSerialize: () => EMPTY,
    responseDeserialize: () => EMPTY,
  },
};

function providerService(): grpc.ServiceDefinition {
  const definition = loadSync(join(__dirname, "tfplugin6.proto"), { keepCase: true, longs: Number });
  return definition["tfplugin6.Provider"] as grpc.ServiceDefinition;
}

/** Terraform itself lets a user set what is only computed; providers refuse it. */
function validate(schema: Block, config: DynamicValue | undefined) {
  const diagnostics: ReturnType<typeof diagnostic>[] = [];
  mapBlock(schema, object(config), (value, { computed, optional, required }, path) => {
    if (value !== null && computed && !optional && !required) {
      const name = path.join(".");
      diagnostics.push(diagnostic("Value for unconfigurable attribute", `"${name}" is decided by the provider.`));
    }
    return value;
  });
  return { diagnostics };
}

function object(value: DynamicValue | undefined): Values {
  const unpacked = unpack(value);
  return isObject(unpacked) ? unpacked : {};
}
