import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { NomadCsiVolume, NomadHostVolume, NomadJobAcl, NomadVariable } from "../../lib/nomad";
import { synthesized, testApp } from "../support/synth";

function made(build: (stack: TerraformStack) => void): unknown {
  const app = testApp();
  const stack = new TerraformStack(app, "stack");
  new NomadProvider(stack, "nomad", { address: "http://127.0.0.1:4646" });
  build(stack);
  const [resources] = Object.values<object>(synthesized(app, "stack").resource);
  return Object.values(resources ?? {})[0];
}

test("a variable takes its items literally", () => {
  const items = { greeting: 'say "${hi}"' };
  expect(made((stack) => new NomadVariable(stack, "v", { path: "nomad/jobs/web", items }))).toMatchObject({
    path: "nomad/jobs/web",
    items: { greeting: 'say "$${hi}"' },
  });
});

test.each([
  ["a b", "path"],
  ["nomad/other", "path"],
  ["nomad/job-templates", "path"],
  ["x".repeat(129), "path"],
])("a variable at %s is refused", (path, property) => {
  expect(() => made((stack) => new NomadVariable(stack, "v", { path, items: { a: "b" } }))).toThrow(
    `${property}: given`,
  );
});

test.each([
  ["password", "hunter2"],
  ["anything", "AKIAABCDEFGHIJKLMNOP"],
])("a secret in %s is refused", (key, value) => {
  expect(() => made((stack) => new NomadVariable(stack, "v", { path: "web", items: { [key]: value } }))).toThrow(
    `items.${key}: given "what looks like a secret"`,
  );
});

test("a host volume is a directory for one writer, unless told otherwise", () => {
  expect(made((stack) => new NomadHostVolume(stack, "v", { name: "uploads" }))).toMatchObject({
    name: "uploads",
    plugin_id: "mkdir",
    capability: [{ access_mode: "single-node-writer", attachment_mode: "file-system" }],
  });
  const constraints = [{ attribute: "${meta.disk}", value: "ssd" }];
  expect(
    made((stack) => new NomadHostVolume(stack, "v", { name: "db", plugin: "lvm", capacityMin: "10GiB", constraints })),
  ).toMatchObject({
    plugin_id: "lvm",
    capacity_min: "10GiB",
    constraint: [{ attribute: "$${meta.disk}", value: "ssd" }],
  });
});

test("a CSI volume is found by its name, unless it has an id", () => {
  const capabilities = [{ accessMode: "multi-node-multi-writer" as const }];
  const props = { name: "shared", plugin: "efs", capabilities, mountOptions: { mountFlags: ["tls"] } };
  expect(made((stack) => new NomadCsiVolume(stack, "v", props))).toMatchObject({
    volume_id: "shared",
    plugin_id: "efs",
    capability: [{ access_mode: "multi-node-multi-writer", attachment_mode: "file-system" }],
    mount_options: { mount_flags: ["tls"] },
  });
  expect(made((stack) => new NomadCsiVolume(stack, "v", { ...props, volumeId: "shared[0]" }))).toMatchObject({
    volume_id: "shared[0]",
  });
});

test("wrong volumes are told all that is wrong", () => {
  const capabilities = [{ accessMode: "multi-node-multi-writer" as const }];
  expect(() =>
    made((stack) => new NomadHostVolume(stack, "v", { name: "", capacityMin: "10GB", capabilities })),
  ).toThrow(/3 mistakes[\s\S]*name: [\s\S]*capacityMin: [\s\S]*capabilities\[0\]\.accessMode/);
});

test("a job's rights are JSON that Nomad reads as its rules", () => {
  const policy = made(
    (stack) =>
      new NomadJobAcl(stack, "acl", {
        name: "autoscaler",
        jobId: "autoscaler",
        namespaces: { "*": { policy: "scale", variables: { "a/*": ["read", "list"] } } },
        node: "read",
      }),
  ) as Record<string, string>;
  expect(JSON.parse(policy["rules_hcl"] ?? "")).toEqual({
    namespace: { "*": { policy: "scale", variables: { path: { "a/*": { capabilities: ["read", "list"] } } } } },
    node: { policy: "read" },
  });
  expect(policy["job_acl"]).toEqual({ job_id: "autoscaler", namespace: "default" });
});

test("a policy without rights, or for a task without its group, is refused", () => {
  const acl = (props: object) => () =>
    made((stack) => new NomadJobAcl(stack, "acl", { name: "x", jobId: "x", ...props }));
  expect(acl({})).toThrow("namespaces: given nothing");
  expect(acl({ node: "read", task: "t" })).toThrow("group: given nothing");
});
