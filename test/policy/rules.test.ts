import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allRules, describeRules, evaluate } from "../../lib/policy";

const tests = ["aws", "azure", "gcp", "terraform", "vault", "consul", "nomad"].flatMap((room) =>
  readdirSync(join(__dirname, room)).map((file) => readFileSync(join(__dirname, room, file), "utf8")),
);

describe("all rules", () => {
  it("have ids of their own", () => {
    const ids = allRules.map((rule) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
  });

  it("say where they come from, in the scanners' spelling", () => {
    for (const { id, references } of allRules) {
      const { trivy = [], checkov = [], cis = [], url } = references;
      expect([id, trivy.length + checkov.length + cis.length + (url === undefined ? 0 : 1)]).not.toEqual([id, 0]);
      for (const reference of trivy) expect(reference).toMatch(/^(AWS|AZU|GCP)-\d{4}$/);
      for (const reference of checkov) expect(reference).toMatch(/^CKV2?_(AWS|AZURE|GCP)_\d+$/);
      for (const reference of cis) expect(reference).toMatch(/^(AWS|Azure|GCP) v\d\.0 \d+(\.\d+)+$/);
    }
  });

  it("have examples in a test", () => {
    for (const { id } of allRules) expect([id, tests.some((test) => test.includes(`"${id}": `))]).toEqual([id, true]);
  });

  it("are listed in docs/policy.md as they are in the code", () => {
    expect(readFileSync(join(__dirname, "../../docs/policy.md"), "utf8")).toContain(describeRules(allRules));
  });

  it("take any JSON without throwing", () => {
    const types = allRules.flatMap((rule) => rule.resourceTypes).filter((type) => !/^(data|provider)\./.test(type));
    const names = fc.constantFrom(
      ...["policy", "assume_role_policy", "ingress", "egress", "rule", "metadata_options", "acl", "bucket", "//"],
      ...["block_device_mappings", "ebs", "statement", "principals", "condition", "Statement", "Principal", "dynamic"],
    );
    const texts = fc.constantFrom(
      ...["${aws_s3_bucket.b.id}", "${local.a}", '{"Statement":[{"Effect":"Allow","Principal":{"AWS":{}}}]}', "*"],
      ...["${jsonencode({Statement = [null, 1, {Action = {}}]})}", "${data.aws_iam_policy_document.b.json}"],
    );
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        texts,
        fc.jsonValue({ maxDepth: 2 }),
        tie("object"),
        fc.array(tie("value"), { maxLength: 3 }),
      ),
      object: fc.dictionary(names, tie("value"), { maxKeys: 5 }),
    }));
    const stacks = fc.record({
      resource: fc.dictionary(fc.constantFrom(...types), fc.dictionary(fc.constantFrom("a", "b"), tree.value), {
        maxKeys: 8,
      }),
      data: fc.record({ aws_iam_policy_document: fc.record({ b: tree.object }) }),
      provider: tree.value,
      locals: tree.value,
    });
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: stacks }, fc.jsonValue()), (terraform) => {
        evaluate({ stack: "any", terraform });
      }),
      { numRuns: 500 },
    );
  });

  it("judge 20,000 resources in time proportional to their number", () => {
    const figures = [5_000, 20_000].map((count) => {
      const terraform = large(count);
      const start = performance.now();
      const { findings, resources } = evaluate({ stack: "large", terraform });
      return { resources, findings: findings.length, milliseconds: Math.round(performance.now() - start) };
    });
    console.info("policy:", ...figures.map((figure) => JSON.stringify(figure)));
    expect(figures.map(({ resources }) => resources)).toEqual([5_000, 20_000]);
  });
});

/** A stack in which every tenth resource is of one kind, each bucket with all that configures it. */
function large(count: number): unknown {
  const resource: Record<string, Record<string, object>> = {};
  const add = (type: string, index: number, attributes: object) => {
    resource[type] = Object.assign(resource[type] ?? {}, { [`r${index}`]: attributes });
  };
  for (let index = 0; index < count / 10; index++) {
    const bucket = `\${aws_s3_bucket.r${index}.id}`;
    const statement = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" };
    add("aws_s3_bucket", index, { "//": { metadata: { path: `large/r${index}` } } });
    add("aws_s3_bucket_public_access_block", index, { bucket, block_public_acls: true });
    add("aws_s3_bucket_versioning", index, { bucket, versioning_configuration: { status: "Enabled" } });
    add("aws_s3_bucket_policy", index, { bucket, policy: JSON.stringify({ Statement: [statement, statement] }) });
    add("aws_iam_role", index, { assume_role_policy: `\${jsonencode({Statement = [{Effect = "Allow"}]})}` });
    add("aws_iam_role_policy", index, { policy: JSON.stringify({ Statement: [{ ...statement, Effect: "Allow" }] }) });
    add("aws_security_group", index, { vpc_id: "${aws_vpc.main.id}" });
    add("aws_security_group_rule", index, {
      type: "egress",
      cidr_blocks: ["0.0.0.0/0"],
      security_group_id: "${aws_security_group.r0.id}",
    });
    add("aws_launch_template", index, { metadata_options: { http_tokens: "required" } });
    add("aws_cloudwatch_metric_alarm", index, {});
  }
  return { resource };
}
