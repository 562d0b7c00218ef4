import { expect, test } from "vitest";
import { type JobPolicy, policyProblems } from "../../lib/nomad";
import { checkWith, jobWith, serviceWith } from "./sample-jobs";

const container = (config: object) => jobWith({ task: { driver: "docker", config: { image: "web:1.2", ...config } } });
const env = (variables: object) => jobWith({ task: { driver: "docker", config: { image: "web:1" }, env: variables } });
const broken = (job: ReturnType<typeof jobWith>, policy?: JobPolicy) =>
  policyProblems(job, policy).map(({ rule, field }) => `${rule}: ${field}`);

test.each([
  ["web", true],
  ["web:latest", true],
  ["registry:5000/web", true],
  ["registry:5000/web:1.4", false],
  ["web@sha256:aa", false],
  ["web:${NOMAD_META_version}", false],
])("image-tag, %s: broken %s", (image, isBroken) => {
  expect(broken(container({ image }))).toEqual(isBroken ? ["image-tag: config.image"] : []);
});

test.each([
  [{ DB_PASSWORD: "hunter2" }, true],
  [{ apiKey: "x1" }, true],
  [{ DB_PASSWORD_FILE: "/secrets/db" }, false],
  [{ DB_PASSWORD: "${secret.db.password}" }, false],
  [{ DATABASE_URL: "postgres://app:hunter2@db:5432/app" }, true],
  [{ DATABASE_URL: "postgres://db:5432/app" }, false],
  [{ X: "AKIAABCDEFGHIJKLMNOP" }, true],
  [{ X: "hvs.CAESIJlWEMRxS0vZ1234567890abcdef" }, true],
  [{ TOKEN_TTL: "1h" }, false],
])("literal-secret, %o: broken %s", (variables, isBroken) => {
  expect(broken(env(variables)).map((text) => text.split(":")[0])).toEqual(isBroken ? ["literal-secret"] : []);
});

test("literal-secret looks into templates and options", () => {
  const template = (data: string) =>
    broken(
      jobWith({ task: { driver: "docker", config: { image: "web:1" }, template: { data, destination: "local/x" } } }),
    );
  expect(template("PASSWORD=hunter2")).toEqual(["literal-secret: template[0].data"]);
  expect(template('password => "hunter2"')).toEqual(["literal-secret: template[0].data"]);
  expect(template('password => "${ES_PASSWORD}"')).toEqual([]);
  expect(template('PASSWORD={{ with secret "kv/db" }}{{ .Data.data.password }}{{ end }}')).toEqual([]);
  expect(template("-----BEGIN RSA PRIVATE KEY-----")).toEqual(["literal-secret: template[0].data"]);
  expect(broken(container({ auth: { username: "x", password: "y" } }))).toEqual([
    "literal-secret: config.auth[0].password",
  ]);
});

test.each([
  [container({ privileged: true }), "config.privileged"],
  [container({ networkMode: "host" }), "config.networkMode"],
  [container({ pidMode: "host" }), "config.pidMode"],
  [container({ capAdd: ["CAP_SYS_ADMIN"] }), "config.capAdd"],
  [jobWith(), "driver"],
])("privilege %#", (job, field) => {
  expect(broken(job)).toEqual([`privilege: ${field}`]);
});

test("privilege lets harmless capabilities through", () => {
  expect(broken(container({ capAdd: ["net_bind_service"] }))).toEqual([]);
});

test("service-check", () => {
  const rules = ["service-check"] as const;
  expect(broken(serviceWith({}), { rules })).toEqual(["service-check: service[0]"]);
  expect(broken(checkWith({}), { rules })).toEqual([]);
  expect(broken(serviceWith({ connect: { sidecarService: {} } }), { rules })).toEqual([]);
});

test("an exception needs a reason and something to excuse", () => {
  const exceptions = [{ rule: "privilege", task: "t", reason: "reads the node's disks" }] as const;
  expect(broken(jobWith(), { exceptions })).toEqual([]);
  expect(broken(jobWith(), { exceptions: [{ rule: "privilege", reason: " " }] })).toEqual([
    "undefined: policy.exceptions[0].reason",
  ]);
  expect(broken(container({}), { exceptions })).toEqual(["undefined: policy.exceptions[0]"]);
});
