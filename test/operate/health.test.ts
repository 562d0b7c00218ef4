import { expect, test } from "vitest";
import { status } from "../../lib/operate/status";
import { aMachine, FakeCloud } from "./fake-cloud";
import { healthy } from "./healthy-servers";

const three = () => [1, 2, 3].map((n) => aMachine(`i-${n}`, `10.0.0.${n}`));

test("Vault's leader is who refuses whoever has no token", async () => {
  const { living } = await healthy(new FakeCloud(three(), () => ""));
  const { products } = await status(living);
  expect(products.find(({ product }) => product === "vault")?.leader).toBe("10.0.0.1");
});

test("a Vault that led and lost the others leads nobody, though it says that it is well and names itself", async () => {
  const lost = (path: string) => (/lookup-self|autopilot/.test(path) ? { status: 500, body: "{}" } : undefined);
  const { living } = await healthy(new FakeCloud(three(), () => ""), lost);
  const { products, verdict, findings } = await status(living);
  expect(products.find(({ product }) => product === "vault")?.leader).toBeUndefined();
  expect(verdict).toBe("down");
  expect(findings[0]).toMatchObject({ about: "vault", what: "nobody leads" });
});
