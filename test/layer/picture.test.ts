import { describe, expect, test } from "vitest";
import { stackPicture } from "../../lib";

/** A resource at a construct path that refers to others. */
function at(path: string, ...references: readonly string[]) {
  return { "//": { metadata: { path: `prod-web/${path}` } }, values: references.map((each) => `\${${each}.id}`) };
}

describe("the picture of a stack", () => {
  test("has a box for each construct that holds resources, in the frame of those that only hold others", () => {
    const resource = {
      aws_vpc: { net: at("network/vpc") },
      aws_subnet: { a: at("network/zone/a", "aws_vpc.net"), b: at("network/zone/b", "aws_vpc.net") },
      aws_lb: { inner: at("edge/inner/Default", "aws_subnet.a") },
      aws_lb_listener: { inner: at("edge/inner/listener", "aws_lb.inner") },
      aws_s3_bucket: { logs: at("logs/Default/Default") },
    };
    expect(stackPicture({ resource }).split("\n")).toEqual([
      "flowchart LR",
      '  b0["<b>network</b><br/>subnet × 2<br/>vpc"]',
      '  b2["<b>logs</b><br/>s3_bucket"]',
      '  subgraph f1["edge"]',
      '    b1["<b>inner</b><br/>lb"]',
      "  end",
      "  b1 --> b0",
      "",
    ]);
  });

  test("leaves out the arrows that follow from others, but none of a ring", () => {
    const resource = {
      a_x: { one: at("one/r", "b_x.two", "c_x.three") },
      b_x: { two: at("two/r", "c_x.three") },
      c_x: { three: at("three/r") },
      d_x: { four: at("four/r", "e_x.five") },
      e_x: { five: at("five/r", "d_x.four") },
    };
    const arrows = stackPicture({ resource })
      .split("\n")
      .filter((line) => line.includes("-->"));
    expect(arrows).toEqual(["  b0 --> b1", "  b1 --> b2", "  b3 --> b4", "  b4 --> b3"]);
  });

  test("takes what no construct has made, and names that Mermaid would read", () => {
    const resource = { aws_vpc: { plain: {}, odd: at('a"b#/r') } };
    expect(stackPicture({ resource })).toContain('["<b>a#34;b#35;</b><br/>vpc"]');
    expect(stackPicture({ resource })).toContain('["<b>plain</b><br/>vpc"]');
    expect(stackPicture({})).toBe("flowchart LR\n");
  });
});
