import type { PropsCheck } from "../core/errors";
import {
  csiVolume,
  extendJob,
  extendTask,
  type GroupPart,
  hostVolume,
  type Job,
  type JobPart,
  type TaskPart,
  vaultEnv,
  vaultFile,
} from "../nomad";
import { type Cart, listOf } from "./cart";
import type { CartSecret, CartVolume, ConsumedService, ProvidedService } from "./declarations";
import type { CartCall, CartGround, CartService, DerivedCart } from "./derived";
import { type GroupPlace, groupOf, type TaskPlace, taskOf } from "./parts";
import { servicePart, type Upstreams } from "./service-part";
import { servicesIn } from "./written-services";

/** Puts a Cart's declarations into its jobs, and says what else they ask for. Mistakes of placement go to `check`. */
export function deriveCart(cart: Cart, ground: CartGround, check: PropsCheck): DerivedCart {
  const { props } = cart;
  const written = listOf(props.jobs);
  const parts = new Map<string, JobPart[]>();
  const add = (job: string, part: JobPart) => parts.set(job, [...(parts.get(job) ?? []), part]);
  const addGroup = ({ job, group }: GroupPlace, part: GroupPart) => add(job, { group: { [group]: part } });
  const addTask = ({ task, ...at }: TaskPlace, part: TaskPart) => addGroup(at, { task: { [task]: part } });

  const services = listOf(props.provides).flatMap((service, index) => {
    const at = property("provides", props.provides, index);
    const place = groupOf(written, service, at, check);
    return place === undefined ? [] : [{ service, at, place }];
  });
  const callers = new Map<string, string>();
  for (const { service, place } of services) {
    const key = `${place.job}/${place.group}`;
    if ((service.mesh ?? true) && !callers.has(key)) callers.set(key, service.name);
  }
  const calls: CartCall[] = [];
  const upstreams = new Map<string, ConsumedService[]>();
  listOf(props.consumes).forEach((consumed, index) => {
    const at = property("consumes", props.consumes, index);
    const place = groupOf(written, consumed, at, check);
    if (place === undefined) return;
    const from = callers.get(`${place.job}/${place.group}`);
    if (from === undefined) {
      const allowed = "a group that is somebody in the mesh";
      const fix = `let the Cart provide a service of group ${place.group}: { name: "${cart.name}" } will do where it listens on no port`;
      check.add({ property: at, given: consumed.service, allowed, fix });
      return;
    }
    const key = `${place.job}/${place.group}/${from}`;
    upstreams.set(key, [...(upstreams.get(key) ?? []), consumed]);
    const external = typeof consumed.service !== "string";
    const to = typeof consumed.service === "string" ? consumed.service : consumed.service.external;
    const { http, startsWithout = false } = consumed;
    const call = { cart: cart.name, job: place.job, from, to, external, startsWithout, at: `${atOf(cart)}.${at}` };
    calls.push({ ...call, ...(http === undefined ? {} : { http }) });
  });
  const sidecars = new Map<string, number>();
  for (const { service, place } of services) {
    const group = `${place.job}/${place.group}`;
    const sidecar = sidecars.get(group) ?? 0;
    if (service.mesh ?? true) sidecars.set(group, sidecar + 1);
    const own: Upstreams = upstreams.get(`${group}/${service.name}`) ?? [];
    addGroup(place, servicePart(service, place.value, own, sidecar));
  }
  listOf(props.secrets).forEach((secret, index) => {
    const at = property("secrets", props.secrets, index);
    const place = taskOf(written, secret, at, check);
    if (place === undefined) return;
    const task = written.find(({ id }) => id === place.job)?.group[place.group]?.task[place.task];
    addTask(place, secretPart(secret, place, ground, task?.vault !== undefined));
  });
  const volumes = listOf(props.volumes).flatMap((volume, index) => {
    const at = property("volumes", props.volumes, index);
    const place = taskOf(written, volume, at, check);
    if (place === undefined) return [];
    addGroup(place, volumePart(volume, place.task));
    const count = written.find(({ id }) => id === place.job)?.group[place.group]?.count ?? 1;
    return [{ ...volume, job: place.job, ...(volume.perAlloc === true ? { count } : {}) }];
  });

  const jobs = written.map((job) => {
    const whole = extendJob(rolledBack({ ...job, namespace: ground.namespace }), ...(parts.get(job.id) ?? []));
    return props.transform?.job?.(whole) ?? whole;
  });
  return {
    name: cart.name,
    jobs,
    services: [
      ...services.map(({ service, at, place }) => declaredService(cart, service, place, at, ground)),
      ...servicesIn(written, cart.name, `${atOf(cart)}.jobs`, ground.protocol),
    ],
    calls,
    exposures: listOf(props.exposes).map((exposure, index) => ({
      ...exposure,
      path: exposure.path ?? "/",
      cart: cart.name,
      at: `${atOf(cart)}.${property("exposes", props.exposes, index)}`,
    })),
    volumes,
    after: listOf(props.after).map((other, index) => ({
      cart: typeof other === "string" ? other : other.name,
      at: `${atOf(cart)}.${property("after", props.after, index)}`,
    })),
    at: atOf(cart),
  };
}

/** Where a Cart stands in the props of its stack. */
export const atOf = (cart: { readonly name: string }) => `carts.${cart.name}`;

/** `provides` of one, `provides[2]` of several. */
export function property(word: string, value: unknown, index: number): string {
  return Array.isArray(value) ? `${word}[${index}]` : word;
}

function declaredService(
  cart: Cart,
  service: ProvidedService,
  place: GroupPlace,
  at: string,
  ground: CartGround,
): CartService {
  return {
    name: service.name,
    cart: cart.name,
    job: place.job,
    group: place.group,
    mesh: service.mesh ?? true,
    listens: service.port !== undefined,
    protocol: service.protocol ?? ground.protocol,
    allows: service.allows ?? [],
    declared: true,
    at: `${atOf(cart)}.${at}`,
  };
}

/** A version that does not become healthy is taken back, unless the job says how versions take over. */
function rolledBack(job: Job): Job {
  const isService = job.type === undefined || job.type === "service";
  return isService && job.update === undefined ? { ...job, update: { autoRevert: true } } : job;
}

function secretPart(secret: CartSecret, place: TaskPlace, ground: CartGround, signsIn: boolean): TaskPart {
  const { mount, path, role, engine = mount === undefined ? "kv" : "dynamic" } = secret;
  const source = {
    mount: mount ?? ground.kvMount,
    path: mount === undefined ? `${ground.namespace}/${place.job}/${path}` : path,
    version: engine === "kv" ? (2 as const) : (1 as const),
    ...(role === undefined ? {} : { role }),
  };
  const files = listOf(secret.files).map((file) => vaultFile(source, file));
  const env = secret.env === undefined ? [] : [vaultEnv(source, secret.env)];
  // The node fetches the secret; the task needs no token of its own.
  const quiet = signsIn ? [] : [{ vault: { env: false, disableFile: true } }];
  return extendTask<TaskPart>({}, ...env, ...files, ...quiet);
}

function volumePart(volume: CartVolume, task: string): GroupPart {
  const { name, destination, type = "host", readOnly, perAlloc, accessMode } = volume;
  const common = { task, destination, ...(readOnly === undefined ? {} : { readOnly }) };
  if (type === "csi") {
    return csiVolume(name, {
      ...common,
      ...(perAlloc === undefined ? {} : { perAlloc }),
      ...(accessMode === undefined ? {} : { accessMode }),
    });
  }
  const part = hostVolume(name, perAlloc === true ? common : { ...common, sticky: true });
  const mounted = part.volume?.[name];
  if (mounted === undefined || (perAlloc === undefined && accessMode === undefined)) return part;
  return {
    ...part,
    volume: {
      [name]: {
        ...mounted,
        ...(perAlloc === undefined ? {} : { perAlloc }),
        ...(accessMode === undefined ? {} : { accessMode, attachmentMode: "file-system" }),
      } as typeof mounted,
    },
  };
}
