import { type PropsCheck, type Rule, rule } from "../core/errors";
import { integer, matching, oneOf, shortName, text } from "../core/rules";
import { duration } from "../core/values";
import { checkMesh } from "./consul/mesh-check";
import type { Pipeline } from "./identity/ci";
import type { People } from "./identity/people";
import { personas } from "./identity/personas";
import { checkVariables } from "./nomad/variables";
import type { PlatformNomad, PlatformStackProps, PlatformVault } from "./platform-props";
import { readPolicyDirectory } from "./policy/files";
import { ENTRANCE_PREFIX, type Team, teamHosts, teamServices } from "./team";
import { DEFAULT_KV } from "./vault/base";
import { checkKeyValues } from "./vault/engines/key-values";
import { checkEngines } from "./vault/engines/secrets-engines";

/** TLS, but on a developer's own machine. */
const address: Rule<string> = rule({
  allowed: "an address with https:// and without a path; http:// on loopback only",
  fix: 'write it as "https://vault.example.com:8200"',
  accepts: (value) =>
    typeof value === "string" &&
    (/^https:\/\/[a-z0-9.-]+(:\d+)?$/i.test(value) || /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(value)),
});

const issuer: Rule<string> = rule({
  allowed: "an issuer as its tokens name it, with https://; http:// on loopback only",
  fix: 'write it as "https://login.example.com"',
  accepts: (value) =>
    typeof value === "string" &&
    (/^https:\/\/[^\s?#]+$/.test(value) || /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/[^\s?#]*)?$/.test(value)),
});

const namespaceName = shortName(64, "system");
const serviceName = matching(
  /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?|[a-z0-9][a-z0-9-]{0,61}\*/,
  "a service's name of lower-case letters, digits and hyphens, or its beginning and a *",
  'use a name such as "shop-api" or "shop-*"',
);
const hostLabel = matching(
  /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/,
  "one label of a host name: lower-case letters, digits and inner hyphens",
  'write "shop" for shop.apps.example.com',
);
const pipelinePath = matching(/[\w.-]+(\/[\w.-]+)+/, "an owner and a name", 'write it as "acme/shop"');
const branchName = matching(/[\w./-]+/, "a branch without refs/heads/ and wildcards", 'write "main"');

/** Whether first boot has made Vault's engine for tokens of Consul. */
export function hasConsulEngine({ infrastructure }: Pick<PlatformStackProps, "infrastructure">): boolean {
  const known = infrastructure?.static;
  if (known === undefined || known.cloud === "existing") return false;
  return Object.values(known.serverGroups).some((runs) => runs.includes("consul"));
}

/** Checks everything that a platform is given, and tells all mistakes together. */
export function checkPlatform(check: PropsCheck, props: PlatformStackProps): void {
  checkInfrastructure(check, props);
  check.optional("tokenTtl", props.tokenTtl, duration({ min: "5m", max: "24h", unit: "s" }));
  checkTeams(check, props.teams ?? []);
  if (props.people !== undefined) checkPeople(check.under("people"), props.people);
  for (const name of ["apply", "plan"] as const) checkPipeline(check, `ci.${name}`, props.ci?.[name]);
  check.optional("ci.issuers.github", props.ci?.issuers?.github, issuer);
  check.optional("ci.issuers.gitlab", props.ci?.issuers?.gitlab, issuer);
  checkVault(check.under("vault"), props.vault ?? {});
  checkNomad(check.under("nomad"), props.nomad ?? {}, props.teams ?? []);
  checkEngines(
    check.under("vault.engines"),
    props.vault?.engines ?? {},
    [props.vault?.keyValues?.path ?? DEFAULT_KV],
    hasConsulEngine(props),
  );
  checkMesh(check.under("consul.mesh"), props.consul?.mesh ?? {}, props.infrastructure?.static?.cloud !== "aws");
  const kv = props.vault?.keyValues?.path ?? DEFAULT_KV;
  for (const language of ["vault", "consul", "nomad"] as const) {
    const directory = props[language]?.policies;
    if (directory === undefined) continue;
    const { problems } = readPolicyDirectory(`${language}.policies`, directory, language, { kvMounts: [kv] });
    for (const problem of problems) check.add(problem);
  }
}

function checkInfrastructure(check: PropsCheck, { infrastructure, environment }: PlatformStackProps): void {
  const known = infrastructure?.static;
  if (known === undefined) {
    const fix = "give infrastructure.contract, remoteInfrastructure(...) or existingInfrastructure(...)";
    check.add({ property: "infrastructure", given: infrastructure, allowed: "the contract of an infrastructure", fix });
    return;
  }
  if (known.environment !== environment?.name) {
    const allowed = `the environment of this stack, "${environment?.name}"`;
    const fix = "give the contract of this environment";
    check.add({ property: "infrastructure.static.environment", given: known.environment, allowed, fix });
  }
  if (known.cloud !== "existing") {
    if (Object.values(known.serverGroups).some((runs) => runs.includes("vault"))) return;
    const given = known.serverGroups;
    const fix = 'add "vault" to a group of servers';
    check.add({ property: "infrastructure.static.serverGroups", given, allowed: "servers of Vault", fix });
    return;
  }
  check.required("infrastructure.vault.address", known.vault?.address, address);
  for (const product of ["vault", "consul", "nomad"] as const) {
    if (product !== "vault") check.optional(`infrastructure.${product}.address`, known[product]?.address, address);
    check.optional(`infrastructure.${product}.people`, known[product]?.people, address);
  }
}

function checkTeams(check: PropsCheck, teams: readonly Team[]): void {
  for (const [index, team] of teams.entries()) {
    const at = `teams[${index}]`;
    check.required(`${at}.name`, team.name, shortName(32, "shop"));
    if (teams.findIndex(({ name }) => name === team.name) !== index) {
      check.add({ property: `${at}.name`, given: team.name, allowed: "each team once", fix: "rename one of them" });
    }
    if (team.name === "default") {
      const allowed = "a name that Nomad's own namespace does not have";
      check.add({ property: `${at}.name`, given: team.name, allowed, fix: "choose another name" });
    }
    check.optional(`${at}.group`, team.group, text);
    checkPipeline(check, `${at}.ci`, team.ci);
    check.each(`${at}.services`, team.services, serviceName);
    check.each(`${at}.hosts`, team.hosts, hostLabel);
    check.each(`${at}.pools`, team.pools, matching(/[\w-]{1,128}/, "the name of a node pool", "use its name as it is"));
    check.each(`${at}.drivers`, team.drivers, text);
    check.each(`${at}.networks`, team.networks, text);
    const before = teams.slice(0, index).filter(({ name }) => name !== team.name);
    checkOwn(check, `${at}.services`, team.name, teamServices(team), [
      [ENTRANCE_PREFIX, [`${ENTRANCE_PREFIX}*`]],
      ...before.map((other) => [other.name, teamServices(other)] as const),
    ]);
    checkOwn(
      check,
      `${at}.hosts`,
      team.name,
      teamHosts(team),
      before.map((other) => [other.name, teamHosts(other)] as const),
    );
  }
}

/** What one team may call its own no other may, and no wildcard may reach into another's. */
function checkOwn(
  check: PropsCheck,
  property: string,
  team: string,
  names: readonly string[],
  others: readonly (readonly [owner: string, names: readonly string[]])[],
): void {
  for (const [place, name] of (Array.isArray(names) ? names : []).entries()) {
    for (const [owner, theirs] of others) {
      const clash = (Array.isArray(theirs) ? theirs : []).find((one) => overlap(String(one), String(name)));
      if (clash === undefined) continue;
      const isEntrance = owner === ENTRANCE_PREFIX;
      const allowed = isEntrance
        ? `names that do not reach into ${clash}, the entrances of hosts`
        : `names of one team; "${name}" reaches into "${clash}" of "${owner}"`;
      const fix = isEntrance ? "name services otherwise" : `say what is of "${team}" and of "${owner}" more narrowly`;
      check.add({ property: `${property}[${place}]`, given: name, allowed, fix });
    }
  }
}

/** Whether there is a name that both mean; each may end with `*`. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one.replace(/\*$/, ""), other.replace(/\*$/, "")];
  if (one.endsWith("*") && b.startsWith(a)) return true;
  return other.endsWith("*") ? a.startsWith(b) : a === b;
}

function checkPipeline(check: PropsCheck, property: string, pipeline: Pipeline | undefined): void {
  if (pipeline === undefined) return;
  const kinds = (["github", "gitlab"] as const).filter((kind) => kind in pipeline);
  if (kinds.length !== 1) {
    const allowed = "one of github and gitlab";
    check.add({ property, given: pipeline, allowed, fix: 'write { github: { repository: "acme/shop" } }' });
    return;
  }
  if ("github" in pipeline) check.required(`${property}.github.repository`, pipeline.github.repository, pipelinePath);
  else check.required(`${property}.gitlab.project`, pipeline.gitlab.project, pipelinePath);
  const { branch, environment } = "github" in pipeline ? pipeline.github : pipeline.gitlab;
  check.optional(`${property}.${kinds[0]}.branch`, branch, branchName);
  check.optional(`${property}.${kinds[0]}.environment`, environment, text);
}

function checkPeople(check: PropsCheck, people: People): void {
  check.required("issuer", people.issuer, issuer);
  check.required("clientId", people.clientId, text);
  check.optional("clientSecretVersion", people.clientSecretVersion, integer(1, 1_000_000));
  check.optional("tokenTtl", people.tokenTtl, duration({ min: "5m", max: "12h", unit: "s" }));
  check.optional("tokenMaxTtl", people.tokenMaxTtl, duration({ min: "5m", max: "24h", unit: "s" }));
  for (const [group, roles] of Object.entries(people.groups ?? {})) {
    check.each(`groups["${group}"]`, roles, oneOf(personas));
    if (/["\\]/.test(group)) {
      const allowed = "a group's name without quotes and backslashes, which no selector can hold";
      check.add({ property: `groups["${group}"]`, given: group, allowed, fix: "rename the group" });
    }
  }
}

function checkVault(
  check: PropsCheck,
  { audit, keyValues, quotas, uiHeaders, workloadRoles, workloadClaim }: PlatformVault,
): void {
  for (const [name, device] of Object.entries(audit ?? {})) {
    check.required(`audit["${name}"].type`, device.type, oneOf(["file", "syslog", "socket"]));
    if (device.type !== "file") continue;
    const allowed = 'an absolute path on the server, or "stdout"';
    check.required(`audit["${name}"].path`, device.path, matching(/\/.+|stdout/, allowed, "write the whole path"));
  }
  const mount = matching(/[a-z][a-z0-9-]*/, "a mount of lower-case letters, digits and hyphens", 'use "secret"');
  check.optional("keyValues.path", keyValues?.path, mount);
  checkKeyValues(check.under("keyValues"), keyValues ?? {});
  for (const [name, quota] of Object.entries(quotas ?? {})) {
    check.required(`quotas["${name}"].rate`, quota.rate, integer(1, 1_000_000, "requests a second"));
    check.optional(`quotas["${name}"].blockInterval`, quota.blockInterval, duration({ unit: "s" }));
  }
  for (const [name, value] of Object.entries(uiHeaders ?? {})) {
    const header = matching(/(?!x-vault-)[a-z]+(-[a-z]+)*/i, "a header's name that is not X-Vault-...", "use its name");
    check.required(`uiHeaders["${name}"]`, name, header);
    check.required(`uiHeaders["${name}"]`, value, text);
  }
  check.optional("workloadClaim", workloadClaim, oneOf(["unique-id", "job-id"]));
  for (const [name, role] of Object.entries(workloadRoles ?? {})) {
    check.required(`workloadRoles["${name}"].namespace`, role.namespace, namespaceName);
    // A comma would be another id, and a plus or slash another path in a templated policy.
    const job = matching(
      /[\w.*-]+/,
      "a job's id of letters, digits, dots, hyphens and *",
      'use an id such as "reports"',
    );
    check.each(`workloadRoles["${name}"].jobs`, role.jobs, job);
    check.each(`workloadRoles["${name}"].policies`, role.policies, text);
  }
}

function checkNomad(
  check: PropsCheck,
  { namespaces, nodePools, scheduler, variables }: PlatformNomad,
  teams: readonly Team[],
): void {
  const known = ["default", ...Object.keys(namespaces ?? {}), ...teams.map(({ name }) => name)];
  checkVariables(check, variables ?? {}, known);
  for (const [at, given, names] of [
    ["namespaces", namespaces, ["quota", "nodePoolConfig"]],
    ["nodePools", nodePools, ["schedulerConfig"]],
  ] as const) {
    for (const [name, props] of Object.entries(given ?? {})) {
      for (const property of names.filter((one) => one in props)) {
        const allowed = "what a Community edition of Nomad has";
        const fix = "remove it: it is Nomad Enterprise's";
        check.add({ property: `${at}["${name}"].${property}`, given: Object(props)[property], allowed, fix });
      }
    }
  }
  for (const name of Object.keys(namespaces ?? {})) {
    check.required(`namespaces["${name}"]`, name, namespaceName);
    if (!teams.some((team) => team.name === name)) continue;
    const allowed = "a namespace that no team has made";
    check.add({ property: `namespaces["${name}"]`, given: name, allowed, fix: "remove it, or rename it" });
  }
  for (const name of Object.keys(nodePools ?? {})) {
    if (!["all", "default"].includes(name)) continue;
    const allowed = "a pool beside all and default, which Nomad has";
    check.add({ property: `nodePools["${name}"]`, given: name, allowed, fix: "remove it" });
  }
  check.optional("scheduler.algorithm", scheduler?.algorithm, oneOf(["binpack", "spread"]));
  check.each("scheduler.preemption", scheduler?.preemption, oneOf(["batch", "service", "sysbatch", "system"]));
}
