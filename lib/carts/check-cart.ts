import { isNamed } from "../application-support/routes";
import type { PropsCheck } from "../core/errors";
import { boolean, integer, matching, oneOf, shortName, text } from "../core/rules";
import { duration, size } from "../core/values";
import type { Check } from "../nomad";
import { type Cart, listOf } from "./cart";
import type { CartSecret, CartVolume, ConsumedService, ProvidedService } from "./declarations";
import { property } from "./derive";
import type { CartGround } from "./derived";

const cartName = shortName(48, "shop-web");
const port = integer(1, 65535);
const serviceName = matching(
  /(?!host-)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/,
  "1 to 63 lower-case letters, digits and inner hyphens (RFC 1123), that do not begin with host-",
  'use a name such as "shop-web"',
);
const urlPath = matching(/\/[^\s?#]*/, 'a path that begins with "/"', 'write it as "/api"');
const vaultPath = matching(
  /[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*/,
  "letters, digits, hyphens, dots, underscores and inner slashes",
  'write it as "database", without the namespace and the job',
);
const variable = matching(
  /[A-Za-z_][A-Za-z0-9_]*/,
  "the name of an environment variable",
  'use a name such as "DB_PASSWORD"',
);
const absolute = matching(/\/.+/, 'a path that begins with "/"', 'write it as "/data"');
const volumeName = matching(
  /[A-Za-z0-9-]{1,128}/,
  "1 to 128 letters, digits and hyphens",
  'use a name such as "shop-data"',
);
const protocols = oneOf(["http", "http2", "grpc", "tcp"]);

/** Checks what a Cart declares, each line by itself. What lines say of each other the graph checks. */
export function checkCart(cart: Cart, ground: CartGround, check: PropsCheck): void {
  check.required("name", cart.name, cartName);
  const { props } = cart;
  if (listOf(props.jobs).length === 0) {
    check.add({ property: "jobs", given: props.jobs, allowed: "1 or more jobs", fix: "give what runs" });
  }
  const each = <T>(
    word: keyof typeof props,
    lines: T | readonly T[] | undefined,
    judge: (line: T, at: string) => void,
  ) =>
    listOf<T>(lines).forEach((line, index) => {
      judge(line, property(word, lines, index));
    });
  each("provides", props.provides, (line: ProvidedService, at) => {
    checkProvided(line, at, ground, check);
  });
  each("consumes", props.consumes, (line: ConsumedService, at) => {
    const name = typeof line.service === "string" ? line.service : line.service?.external;
    check.required(`${at}.service`, name, serviceName);
    check.required(`${at}.localPort`, line.localPort, port);
    check.optional(`${at}.startsWithout`, line.startsWithout, boolean);
  });
  each("secrets", props.secrets, (line: CartSecret, at) => {
    checkSecret(line, at, check);
  });
  each("volumes", props.volumes, (line: CartVolume, at) => {
    checkVolume(line, at, ground, check);
  });
  check.optional("timeout", props.timeout, duration({ min: "1s" }));
}

function checkProvided(line: ProvidedService, at: string, ground: CartGround, check: PropsCheck): void {
  if (check.required(`${at}.name`, line.name, serviceName)) checkOwnName(line.name, at, ground, check);
  check.optional(`${at}.port`, line.port, port);
  check.optional(`${at}.protocol`, line.protocol, protocols);
  const { mesh = true, health, metrics, allows = [] } = line;
  if (!mesh) check.required(`${at}.port`, line.port, port);
  check.optional(`${at}.staticPort`, line.staticPort, port);
  check.optional(`${at}.network`, line.network, oneOf(["bridge", "host"]));
  if (line.port !== undefined && listOf<Check>(health).length === 0) {
    const fix = 'say how it is seen to work: health: httpCheck("/health")';
    check.add({ property: `${at}.health`, given: health, allowed: "1 or more checks", fix });
  }
  if (mesh) {
    for (const word of ["staticPort", "network"] as const) {
      if (line[word] === undefined) continue;
      const fix = "remove it, or take the service out of the mesh: mesh: false";
      check.add({ property: `${at}.${word}`, given: line[word], allowed: "it outside of the mesh only", fix });
    }
    listOf<Check>(health).forEach(({ type }, index) => {
      if (type !== "tcp") return;
      const allowed = "http, grpc or script: behind a sidecar a connection says only that the sidecar is there";
      const fix = "ask the program: httpCheck(...), grpcCheck() or scriptCheck(...)";
      check.add({ property: `${at}.${property("health", health, index)}.type`, given: type, allowed, fix });
    });
  } else if (allows.length > 0) {
    const fix = "remove it, or put the service into the mesh";
    check.add({ property: `${at}.allows`, given: allows, allowed: "it in the mesh, which asks who calls", fix });
  }
  allows.forEach((caller, index) => {
    check.required(`${at}.allows[${index}]`, typeof caller === "string" ? caller : caller.service, serviceName);
  });
  if (metrics === undefined) return;
  check.optional(`${at}.metrics.path`, metrics.path, urlPath);
  check.optional(`${at}.metrics.port`, metrics.port, port);
  if (line.port === undefined && metrics.port === undefined) {
    check.add({ property: `${at}.metrics.port`, given: undefined, allowed: port.allowed, fix: "say where they are" });
  }
}

function checkOwnName(name: string, at: string, { services }: CartGround, check: PropsCheck): void {
  if (services === undefined || isNamed(services, name)) return;
  const fix = "rename it, or let the Platform give the team that name (teams[].services)";
  check.add({ property: `${at}.name`, given: name, allowed: `names of the team: ${services.join(", ")}`, fix });
}

function checkSecret(line: CartSecret, at: string, check: PropsCheck): void {
  check.required(`${at}.path`, line.path, vaultPath);
  check.optional(`${at}.mount`, line.mount, vaultPath);
  check.optional(`${at}.engine`, line.engine, oneOf(["kv", "dynamic"]));
  for (const [name, key] of Object.entries(line.env ?? {})) {
    check.required(`${at}.env.${name}`, name, variable);
    check.required(`${at}.env.${name}`, key, text);
  }
  listOf(line.files).forEach((file, index) => {
    const inner = `${at}.${property("files", line.files, index)}`;
    check.required(`${inner}.key`, file.key, text);
    check.required(`${inner}.destination`, file.destination, text);
    check.optional(`${inner}.perms`, file.perms, matching(/[0-7]{3,4}/, "3 or 4 octal digits", 'write it as "600"'));
  });
  if (Object.keys(line.env ?? {}).length === 0 && listOf(line.files).length === 0) {
    const fix = 'say what the task gets: env: { DB_PASSWORD: "password" }';
    check.add({ property: at, given: line, allowed: "it with env or files", fix });
  }
  if (line.mount !== undefined && line.role === undefined) {
    const allowed = "the role whose policies the Platform grants: the default one reads the job's own secrets only";
    check.add({ property: `${at}.role`, given: undefined, allowed, fix: "name it (vault.workloadRoles)" });
  }
  if (line.mount === undefined && line.engine !== undefined) {
    check.add({
      property: `${at}.engine`,
      given: line.engine,
      allowed: "it with mount",
      fix: "remove it, or name the mount",
    });
  }
}

function checkVolume(line: CartVolume, at: string, { volumes }: CartGround, check: PropsCheck): void {
  const isName = check.required(`${at}.name`, line.name, volumeName);
  if (isName && line.type !== "csi" && volumes !== undefined && !isNamed(volumes, line.name)) {
    const allowed = `names of the team: ${volumes.join(", ")}`;
    check.add({ property: `${at}.name`, given: line.name, allowed, fix: "rename it" });
  }
  check.required(`${at}.destination`, line.destination, absolute);
  check.optional(`${at}.type`, line.type, oneOf(["host", "csi"]));
  check.optional(`${at}.size`, line.size, size());
  check.optional(`${at}.plugin`, line.plugin, text);
  if (line.type === "csi" && line.plugin === undefined && line.existing !== true) {
    const fix = 'name the storage plugin, such as "aws-ebs"';
    check.add({ property: `${at}.plugin`, given: undefined, allowed: "the id of a CSI plugin", fix });
  }
}
