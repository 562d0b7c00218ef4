import { Cart, type CartException } from "../../lib/carts";
import type { Check, Group, Job, OneOrMore, Port, Service, Task } from "../../lib/nomad";

/** How a task runs here: a program of the machine in place of its container, with the container's arguments or others. */
export type Programs = Readonly<Record<string, { readonly command: string; readonly args?: readonly string[] }>>;

const UPDATE = { minHealthyTime: "1s", healthyDeadline: "40s", progressDeadline: "60s" } as const;

/**
 * The same Cart on a machine without container engine and Envoy, by its public `transform`: each task's program, by the
 * task's name, in place of its image; the node's network in place of the mesh, with the same ports.
 */
export function onThisMachine(cart: Cart, programs: Programs, edit: (job: Job) => Job = (job) => job): Cart {
  const reason = "the tests' machine has no container engine";
  const exception: CartException = { rule: "privilege", reason };
  const { transform, exceptions = [] } = cart.props;
  const job = (given: Job): Job => edit(plain(transform?.job?.(given) ?? given, programs));
  return new Cart(cart.name, { ...cart.props, exceptions: [exceptions, exception].flat(), transform: { job } });
}

function plain(job: Job, programs: Programs): Job {
  const group = Object.fromEntries(
    Object.entries<Group>(job.group).map(([name, one]) => [name, plainGroup(one, programs)]),
  );
  const update = job.type === undefined || job.type === "service" ? { update: { ...job.update, ...UPDATE } } : {};
  return { ...job, ...update, group } as Job;
}

function plainGroup(group: Group, programs: Programs): Group {
  const port: Record<string, Port> = {};
  const open = (number: number) => {
    port[`p${number}`] = { static: number };
    return `p${number}`;
  };
  const service = list(group.service).map((one): Service => {
    const proxy = one.connect?.sidecarService?.proxy;
    if (one.connect === undefined) return one;
    const { connect: _, check, ...rest } = one;
    const beside = new Map(
      list(proxy?.expose?.path).map(({ listenerPort, localPathPort }) => [listenerPort, localPathPort]),
    );
    const checks = list(check).map(({ expose: __, ...other }) => {
      const at = beside.get(other.port ?? "");
      return { ...other, ...(at === undefined ? {} : { port: open(at) }) } as Check;
    });
    const figures = beside.get(/NOMAD_HOST_PORT_(\w+)/.exec(rest.meta?.["metrics_port"] ?? "")?.[1] ?? "");
    return {
      name: rest.name ?? "",
      ...(figures === undefined
        ? {}
        : {
            meta: {
              metrics_path: rest.meta?.["metrics_path"] ?? "",
              metrics_port: `\${NOMAD_HOST_PORT_${open(figures)}}`,
            },
          }),
      ...(rest.port === undefined ? {} : { port: open(Number(rest.port)) }),
      ...(rest.tags === undefined ? {} : { tags: rest.tags }),
      ...(checks.length === 0 ? {} : { check: checks }),
    };
  });
  const task = Object.fromEntries(
    Object.entries<Task>(group.task).map(([name, one]) => {
      const program = programs[name];
      if (program === undefined) return [name, one];
      const { user: _, volumeMount: __, ...rest } = one as Task & { user?: string };
      const resources = { cpu: 10, memory: 64 };
      const own = (one as { readonly config?: { readonly args?: readonly string[] } }).config?.args;
      const args = program.args ?? own;
      const config = { command: program.command, ...(args === undefined ? {} : { args }) };
      return [name, { ...rest, driver: "raw_exec", config, resources } as Task];
    }),
  );
  return {
    ...group,
    network: { mode: "host", port },
    ...(service.length === 0 ? {} : { service }),
    task,
    // What fails fails at once, instead of at the deployment's deadline.
    restart: { attempts: 0, mode: "fail" },
    reschedule: { attempts: 0, unlimited: false },
  };
}

function list<T>(value: OneOrMore<T> | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T];
}
