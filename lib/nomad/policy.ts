import { Token } from "cdktf";
import type { ApiJob, ApiService, ApiTask, ApiTaskGroup } from "./generated/api";
import { Findings, type JobProblem, type Mistake, type Place } from "./problems";
import { idOf, readJob } from "./render";
import { looksSecret, namesSecret } from "./secret-patterns";
import type { Job } from "./spec";

/**
 * What a company may ask of its jobs beyond what Nomad asks:
 *
 * - `image-tag`: a container image names a version, not `latest` or nothing (Trivy KSV-0013, Checkov CKV_K8S_14).
 * - `literal-secret`: no secret is written into the job; it is in Git, in the state and in the servers' raft log.
 * - `privilege`: no `privileged`, no `raw_exec`, no namespaces of the node, no capability that amounts to root
 *   (Trivy KSV-0017, KSV-0009, KSV-0010, KSV-0005, KSV-0022).
 * - `service-check`: each service has a check, so that nobody is sent to an instance that does not work.
 */
export type JobRule = "image-tag" | "literal-secret" | "privilege" | "service-check";

export const JOB_RULES: readonly JobRule[] = ["image-tag", "literal-secret", "privilege", "service-check"];

/** A rule that one task or group may break, and why. */
export interface JobException {
  readonly rule: JobRule;
  /** @default - every group */
  readonly group?: string;
  /** @default - the group itself and every task in it */
  readonly task?: string;
  /** For the reader of the next years. */
  readonly reason: string;
}

/** Which rules hold for a job. */
export interface JobPolicy {
  /** @default - all */
  readonly rules?: readonly JobRule[];
  /** @default - none */
  readonly exceptions?: readonly JobException[];
}

/** What breaks the policy in a job; also an exception without a reason, or one that nothing needs. */
export function policyProblems(job: Job, policy: JobPolicy = {}): readonly JobProblem[] {
  return policyProblemsOf(readJob(job).api, idOf(job), policy);
}

export function policyProblemsOf(api: ApiJob, id: string, policy: JobPolicy): readonly JobProblem[] {
  const { rules = JOB_RULES, exceptions = [] } = policy;
  const findings = new Findings(id);
  judge(api, findings.root);
  const found = findings.problems.filter((problem) => rules.includes(problem.rule as JobRule));
  const left = found.filter((problem) => !exceptions.some((exception) => excuses(exception, problem)));
  const own = new Findings(id);
  exceptions.forEach((exception, index) => {
    checkException(exception, found, own.root.at("policy", "exceptions", index));
  });
  return [...left, ...own.problems];
}

function excuses({ rule, group, task }: JobException, problem: JobProblem): boolean {
  if (rule !== problem.rule) return false;
  return (group === undefined || group === problem.group) && (task === undefined || task === problem.task);
}

function checkException(exception: JobException, found: readonly JobProblem[], place: Place): void {
  if (exception.reason.trim() === "") {
    place
      .at("reason")
      .report({ given: exception.reason, allowed: "a sentence", fix: "say why the rule may be broken" });
  }
  if (!found.some((problem) => excuses(exception, problem))) {
    place.report({ given: exception, allowed: "an exception that something needs", fix: "remove it" });
  }
}

function judge(job: ApiJob, place: Place): void {
  judgeTexts("meta", job.Meta, place);
  for (const group of job.TaskGroups ?? []) {
    const at = place.group(group.Name ?? "");
    judgeTexts("meta", group.Meta, at);
    judgeServices(group, at);
    for (const task of group.Tasks ?? []) judgeTask(task, at.task(task.Name ?? ""));
  }
}

const rule = (name: JobRule, mistake: Mistake): Mistake => ({ ...mistake, rule: name });

function judgeServices(owner: ApiTaskGroup | ApiTask, place: Place): void {
  owner.Services?.forEach((service: ApiService, index) => {
    const inMesh = service.Connect?.SidecarService !== undefined || service.Connect?.Gateway !== undefined;
    if ((service.Checks ?? []).length > 0 || inMesh) return;
    const fix = 'add one: { type: "http", path: "/health", interval: "10s", timeout: "2s" }';
    const mistake = { given: `no check of ${service.Name ?? "it"}`, allowed: "1 or more checks", fix };
    place.at("service", index).report(rule("service-check", mistake));
  });
}

function judgeTask(task: ApiTask, place: Place): void {
  judgeServices(task, place);
  judgeTexts("env", task.Env, place);
  judgeTexts("meta", task.Meta, place);
  const config: Readonly<Record<string, unknown>> = isObject(task.Config) ? task.Config : {};
  const isContainer = task.Driver === "docker" || task.Driver === "podman";
  if (isContainer) judgeImage(config["image"], place.at("config", "image"));
  judgePrivilege(task.Driver, config, place);
  judgeSecretsIn(config, place.at("config"));
  task.Templates?.forEach(({ EmbeddedTmpl: text }, index) => {
    if (typeof text !== "string" || Token.isUnresolved(text) || !holdsSecret(text)) return;
    const fix = "read it in the template: {{ with secret ... }} or {{ with nomadVar ... }}";
    place.at("template", index, "data").report(rule("literal-secret", { ...SECRET, fix }));
  });
}

const SECRET = { given: "what looks like a secret", allowed: "no secret in the job" } as const;
const SECRET_FIX = "read it from Vault or a Nomad variable in a template with env: true";

function judgeTexts(word: string, texts: Readonly<Record<string, string>> | undefined, place: Place): void {
  if (!isObject(texts)) return;
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value !== "string" || isFilledInLater(value)) continue;
    if (looksSecret(value) || (namesSecret(key) && value !== "")) {
      place.at(word, key).report(rule("literal-secret", { ...SECRET, fix: SECRET_FIX }));
    }
  }
}

function judgeSecretsIn(value: unknown, place: Place): void {
  if (typeof value === "string") {
    if (!isFilledInLater(value) && looksSecret(value)) {
      place.report(rule("literal-secret", { ...SECRET, fix: SECRET_FIX }));
    }
    return;
  }
  if (Token.isUnresolved(value)) return;
  if (Array.isArray(value)) {
    value.forEach((element, index) => {
      judgeSecretsIn(element, place.at(index));
    });
    return;
  }
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const literal = typeof inner === "string" && inner !== "" && !isFilledInLater(inner);
    if (literal && namesSecret(key)) place.at(key).report(rule("literal-secret", { ...SECRET, fix: SECRET_FIX }));
    else judgeSecretsIn(inner, place.at(key));
  }
}

function holdsSecret(template: string): boolean {
  const lines = template.split("\n");
  return (
    looksSecret(template) ||
    lines.some((line) => {
      const [, key = "", value = ""] =
        /^\s*(?:export\s+)?["']?([\w.-]+)["']?\s*(?:=>|[:=])\s*["']?([^"'\s]*)/.exec(line) ?? [];
      return value !== "" && !line.includes("{{") && !isFilledInLater(value) && namesSecret(key);
    })
  );
}

/** Filled in by the node, or by Terraform, from somewhere else. */
function isFilledInLater(value: string): boolean {
  return Token.isUnresolved(value) || /\$\{[^}]+\}/.test(value);
}

function judgeImage(image: unknown, place: Place): void {
  if (typeof image !== "string" || isFilledInLater(image) || image.includes("@sha256:")) return;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  if (tag !== undefined && tag !== "latest") return;
  const fix = "name the version: what is pulled must not depend on the day";
  place.report(rule("image-tag", { given: image, allowed: "an image with a tag other than latest, or a digest", fix }));
}

const ROOT_CAPABILITIES = ["all", "sys_admin", "sys_module", "sys_ptrace", "sys_rawio", "dac_read_search", "bpf"];

function judgePrivilege(driver: string | undefined, config: Readonly<Record<string, unknown>>, place: Place): void {
  const fix = "do without it, or state the reason in an exception";
  const report = (at: Place, given: unknown, allowed: string) => at.report(rule("privilege", { given, allowed, fix }));
  if (driver === "raw_exec") report(place.at("driver"), driver, "a driver that isolates its tasks");
  if (config["privileged"] === true) report(place.at("config", "privileged"), true, "false");
  for (const word of ["network_mode", "pid_mode", "ipc_mode", "uts_mode", "userns_mode", "userns", "cgroupns"]) {
    if (config[word] === "host") report(place.at("config", camelCase(word)), "host", "a namespace of the task's own");
  }
  const capabilities = Array.isArray(config["cap_add"]) ? config["cap_add"] : [];
  const strong = capabilities.filter(
    (name): name is string =>
      typeof name === "string" && ROOT_CAPABILITIES.includes(name.toLowerCase().replace(/^cap_/, "")),
  );
  if (strong.length > 0) report(place.at("config", "capAdd"), strong, "capabilities short of root");
}

const camelCase = (word: string) => word.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Token.isUnresolved(value);
}
