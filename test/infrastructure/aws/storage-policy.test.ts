import { expect, test } from "vitest";
import { storageStatements } from "../../../lib/infrastructure/aws/storage-policy";

const place = { environment: "dev", accountId: "123456789012", region: "eu-central-1" };
const statements = storageStatements(place, "arn:aws:kms:eu-central-1:123456789012:key/1");

test("nothing that changes is allowed on everything, and nothing at all without a condition", () => {
  for (const { sid, actions, resources, conditions } of statements) {
    expect([sid, Object.keys(conditions ?? {}).length > 0]).toEqual([sid, true]);
    const changes = [actions].flat().some((action) => !/:Describe/.test(String(action)));
    if (changes) expect([sid, [resources].flat()]).not.toEqual([sid, ["*"]]);
  }
});

test("volumes are removed only where the driver made them, and moved to workers only", () => {
  const of = (sid: string) => statements.find((one) => one.sid === sid)?.conditions;
  expect(of("ChangeOwnVolumes")).toEqual({ StringEquals: { "aws:ResourceTag/caravan-csi": "dev" } });
  expect(of("MoveToWorkers")).toEqual({
    StringEquals: { "aws:ResourceTag/caravan-environment": "dev" },
    StringLike: { "aws:ResourceTag/caravan-group": "worker-*" },
  });
});
