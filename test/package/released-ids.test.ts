import { expect, test } from "vitest";
import { lostBetween } from "./released-ids";

const released = { resource: { aws_vpc: { network: {} }, aws_subnet: { a: {}, b: {} } } };

test("a resource that is gone is found", () => {
  const current = { resource: { aws_vpc: { network: {} }, aws_subnet: { a: {}, c: {} } } };
  expect(lostBetween(released, current)).toEqual(["aws_subnet.b"]);
});

test("a resource that moved is not lost, if it is where it was said to be", () => {
  const current = { resource: { aws_vpc: { network: {} }, aws_subnet: { a: {}, c: {} } } };
  const moved = (to: string) => ({ ...current, moved: [{ from: "aws_subnet.b", to }] });
  expect(lostBetween(released, moved("aws_subnet.c"))).toEqual([]);
  expect(lostBetween(released, moved("aws_subnet.d"))).toEqual(["aws_subnet.b"]);
});
