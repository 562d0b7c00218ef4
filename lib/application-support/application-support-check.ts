import { type PropsCheck, type Rule, rule } from "../core/errors";
import { integer, matching, oneOf, text } from "../core/rules";
import { domainName, duration, size } from "../core/values";
import type { ApplicationSupportStackProps } from "./application-support-props";
import { scaledNames } from "./autoscaling/scaled-workers";
import type { ExternalService } from "./external-services";
import { ingress } from "./gateways/api-gateway";
import { checkObservability } from "./observability/observability";
import { checkRoutes, isNamed } from "./routes";
import { storageOf } from "./storage/storage-of";

const pool = matching(/[\w-]{1,128}/, "the name of a node pool", 'use its name, "general"');
const serviceName = matching(
  /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/,
  "a service's name of lower-case letters, digits and inner hyphens",
  'use a name such as "orders-db"',
);
const image: Rule<string> = rule({
  allowed: "an image with a tag other than latest, or a digest",
  fix: 'name the version: "registry.example.com/envoy:v1.35.8"',
  accepts: (value) =>
    typeof value === "string" &&
    (/@sha256:[0-9a-f]{64}$/.test(value) || (/:[^/:]+$/.test(value) && !/:latest$/.test(value))),
});
const host: Rule<string> = rule({
  allowed: "a domain name, or an IPv4 address",
  fix: 'write it as "db.example.com", without a scheme and a port',
  accepts: (value) => domainName.accepts(value) || (typeof value === "string" && /^(\d{1,3}\.){3}\d{1,3}$/.test(value)),
});
const agentAddress = matching(
  /https?:\/\/[a-z0-9.-]+:\d+/,
  "an address with its scheme and port",
  'write it as "http://127.0.0.1:8500"',
);
const path = matching(/[\w.-]+(\/[\w.-]+)*/, "a path without a slash first", 'use a path such as "tls"');
const percent = integer(1, 100, "percent");

/** Checks everything that an application support is given, and tells all mistakes together. */
export function checkApplicationSupport(check: PropsCheck, props: ApplicationSupportStackProps): void {
  const { platform, infrastructure, environment } = props;
  if (!checkContract(check, "platform", "the contract of a platform", platform, environment?.name)) return;
  checkContract(check, "infrastructure", "the contract of an infrastructure", infrastructure, environment?.name);
  for (const product of ["consul", "nomad"] as const) {
    if (platform.static.products.includes(product)) continue;
    const allowed = "a platform with Vault, Consul and Nomad";
    const fix = `add ${product}, or do without this layer`;
    check.add({ property: "platform.static.products", given: platform.static.products, allowed, fix });
  }
  if (props.observability !== undefined) checkObservability(check.under("observability"), props.observability);
  checkIngress(check.under("ingress"), props);
  for (const [name, value] of Object.entries(props.images ?? {})) check.optional(`images.${name}`, value, image);
  check.optional("nodePool", props.nodePool, pool);
  for (const name of ["address", "grpcAddress"] as const) {
    if (props.consulAgent !== undefined) check.required(`consulAgent.${name}`, props.consulAgent[name], agentAddress);
  }
  for (const [name, service] of Object.entries(props.externalServices ?? {}))
    checkExternal(check, name, service, props);
  if (infrastructure?.static !== undefined) {
    checkStorage(check.under("storage"), props);
    checkAutoscaling(check, props);
  }
  checkRoutes(check, "routes", props.routes ?? [], platform.static.teams);
  if (platform.static.appsDomain === undefined && (props.routes ?? []).length > 0) {
    const allowed = "no route where applications have no domain";
    check.add({ property: "routes", given: props.routes, allowed, fix: "give the infrastructure a domain" });
  }
}

function checkContract(
  check: PropsCheck,
  property: string,
  allowed: string,
  contract: { readonly static: { readonly environment: string } } | undefined,
  environment: string | undefined,
): boolean {
  const known = contract?.static;
  if (known === undefined) {
    const fix = `give ${property}.contract, or the one of another repository`;
    check.add({ property, given: contract, allowed, fix });
    return false;
  }
  if (known.environment !== environment) {
    const fix = "give the contract of this environment";
    const place = `${property}.static.environment`;
    check.add({ property: place, given: known.environment, allowed: `"${environment}", as this stack`, fix });
  }
  return true;
}

function checkIngress(check: PropsCheck, { ingress: given = {} }: ApplicationSupportStackProps): void {
  const { certificate, nodePool, tlsMinVersion, resources } = given;
  if (certificate !== undefined && certificate !== "vault") {
    check.required("certificate.secret", certificate.secret, path);
  }
  check.optional("nodePool", nodePool, pool);
  check.optional("tlsMinVersion", tlsMinVersion, oneOf(["TLSv1_2", "TLSv1_3"]));
  if (resources === undefined) return;
  check.required("resources.cpu", resources.cpu, integer(50, 100_000, "MHz"));
  check.required("resources.memory", resources.memory, integer(64, 1_000_000, "MiB"));
}

function checkExternal(
  check: PropsCheck,
  name: string,
  external: ExternalService,
  { platform }: ApplicationSupportStackProps,
): void {
  const at = `externalServices["${name}"]`;
  if (check.required(at, name, serviceName)) {
    const teams = Object.entries(platform.static.teams);
    const owner = teams.find(([, { services }]) => isNamed(services, name))?.[0];
    if (owner !== undefined) {
      const allowed = `a name that no team's jobs may register; "${name}" is of "${owner}"`;
      check.add({ property: at, given: name, allowed, fix: "take another name" });
    }
    if (name === ingress.service || name === "consul") {
      const allowed = "a name that nothing of the platform has";
      check.add({ property: at, given: name, allowed, fix: "take another name" });
    }
  }
  check.required(`${at}.address`, external.address, host);
  check.required(`${at}.port`, external.port, integer(1, 65_535));
  check.each(`${at}.allow`, external.allow ?? null, serviceName);
  check.optional(`${at}.protocol`, external.protocol, oneOf(["tcp", "http", "http2", "grpc"]));
  if (external.tls !== undefined) check.required(`${at}.tls.sni`, external.tls.sni, domainName);
  const { check: asked } = external;
  if (asked === undefined) return;
  check.required(`${at}.check.type`, asked.type, oneOf(["tcp", "http"]));
  check.optional(`${at}.check.interval`, asked.interval, duration({ min: "5s", max: "1h", unit: "s" }));
  check.optional(`${at}.check.timeout`, asked.timeout, duration({ min: "1s", max: "1m", unit: "s" }));
  if (asked.type === "tcp" && asked.path !== undefined) {
    check.add({
      property: `${at}.check.path`,
      given: asked.path,
      allowed: "a path with http",
      fix: 'say type: "http"',
    });
  }
}

function checkStorage(check: PropsCheck, props: ApplicationSupportStackProps): void {
  const { storage = {} } = props;
  check.optional("cloud", storage.cloud, oneOf(["aws", "azure", "gcp"]));
  check.each("kinds", storage.kinds, oneOf(["block", "file"]));
  check.each("nodePools", storage.nodePools, pool);
  check.optional("controllers", storage.controllers, integer(1, 5));
  for (const [kind, plugin] of Object.entries(storage.plugins ?? {})) {
    check.optional(`plugins.${kind}.image`, plugin.image, image);
  }
  const { plugins } = storageOf(props);
  for (const [name, { kind = "block", capacityMin, capacityMax }] of Object.entries(storage.volumes ?? {})) {
    const at = `volumes["${name}"]`;
    check.required(at, name, text);
    check.optional(`${at}.capacityMin`, capacityMin, size());
    check.optional(`${at}.capacityMax`, capacityMax, size());
    if (plugins[kind] !== undefined) continue;
    const runs = Object.keys(plugins).join(", ");
    const allowed = `a kind whose plugin runs: ${runs || "none does"}`;
    const fix = runs === "" ? "say csi: true of a group of workers, or nodePools and cloud" : `add "${kind}" to kinds`;
    check.add({ property: `${at}.kind`, given: kind, allowed, fix });
  }
}

function checkAutoscaling(check: PropsCheck, props: ApplicationSupportStackProps): void {
  const { autoscaling, infrastructure } = props;
  if (autoscaling === undefined || autoscaling === false) return;
  const known = infrastructure.static;
  for (const name of scaledNames(props)) {
    const at = check.under(`autoscaling.workers["${name}"]`);
    const own = autoscaling.workers?.[name] ?? {};
    const group = known.workerGroups?.[name];
    if (group === undefined) {
      const allowed = `a group of workers: ${Object.keys(known.workerGroups ?? {}).join(", ") || "none is known"}`;
      at.add({ property: "name", given: name, allowed, fix: "name a group of the infrastructure" });
    }
    if (known.cloud === "existing") {
      const needed = rule<object>({
        allowed: "the group of machines behind it, which nobody knows of servers that exist",
        fix: 'say target: { plugin: "aws-asg", autoScalingGroup: "..." }, or one of azure-vmss and gce-mig',
        accepts: (value) => typeof value === "object" && value !== null,
      });
      if (at.required("target", own.target, needed)) {
        at.required("target.plugin", own.target?.plugin, oneOf(["aws-asg", "azure-vmss", "gce-mig"]));
      }
      at.required("min", own.min, integer(0, 1000, "machines"));
      at.required("max", own.max, integer(0, 1000, "machines"));
    } else {
      at.optional("min", own.min, integer(0, 1000, "machines"));
      at.optional("max", own.max, integer(0, 1000, "machines"));
    }
    if (own.min !== undefined && own.max !== undefined && own.min > own.max) {
      at.add({ property: "min", given: own.min, allowed: `at most max, which is ${own.max}`, fix: "raise max" });
    }
    at.optional("cpu", own.cpu, percent);
    at.optional("memory", own.memory, percent);
    for (const time of ["cooldown", "evaluationInterval", "drainDeadline"] as const) {
      at.optional(time, own[time], duration({ min: "5s", max: "24h", unit: "s" }));
    }
  }
}
