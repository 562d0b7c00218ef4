import fc from "fast-check";
import { expect, test } from "vitest";
import { nextCaStep, readNode } from "../../lib/operate/rotate/ca-steps";

const print = (letter: string) => Array(32).fill(`${letter}${letter}`).join(":");

test("a node's lines are read", () => {
  const lines = `trusts 2\nnewest ${print("A")}\nold /etc/vault.d/tls/vault.pem\nnew /etc/consul.d/tls/consul.pem\n`;
  expect(readNode(lines)).toEqual({ trusts: 2, newest: print("A"), isNew: [false, true] });
  expect(() => readNode("trusts 0\n")).toThrow(/not as a rotation leaves it/);
});

/** The cluster as a rotation sees it: what the document says, what Vault signs with, and what each node has of it. */
class Model {
  document = [0];
  signer = 0;
  readonly nodes: { trusts: number[]; certificate: number }[];

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, () => ({ trusts: [0], certificate: 0 }));
  }

  step(begun: boolean) {
    const nodes = this.nodes.map(({ trusts, certificate }) => ({
      trusts: trusts.length,
      newest: String(trusts.at(-1)),
      isNew: [certificate === trusts.at(-1)],
    }));
    return nextCaStep({ nodes, signer: String(this.signer) }, begun);
  }

  /** Does a step, for as many nodes as it reaches before it is interrupted. */
  take(step: ReturnType<typeof nextCaStep>, reach: number): void {
    if (step === "trust") this.document = [...this.document, this.signer + 1];
    if (step === "switch") this.signer = this.document.at(-1) ?? 0;
    if (step === "drop") this.document = [this.signer];
    // The server that is told has what it was told, whatever happens then.
    const many = step === "trust" || step === "drop" ? Math.max(1, reach) : reach;
    for (const node of this.nodes.slice(0, many)) {
      if (step !== "switch") node.trusts = this.document;
      if (step === "renew") node.certificate = this.signer;
    }
  }
}

test("a rotation comes to its end from wherever it was interrupted, and no node ever meets a certificate that it does not trust", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.nat(6), { minLength: 30, maxLength: 30 }),
      (count, reaches) => {
        const cluster = new Model(count);
        let begun = false;
        let steps = 0;
        for (; steps < 100; steps++) {
          const step = cluster.step(begun);
          if (step === "done") break;
          begun = true;
          cluster.take(step, steps < 30 ? (reaches[steps] ?? 0) : count);
          for (const { certificate } of cluster.nodes) {
            for (const { trusts } of cluster.nodes) expect(trusts).toContain(certificate);
          }
        }
        expect(steps).toBeLessThan(100);
        expect(cluster.nodes).toEqual(Array(count).fill({ trusts: [1], certificate: 1 }));
      },
    ),
  );
});

test("where none is under way, one is begun only if it is asked for", () => {
  const cluster = new Model(3);
  expect(cluster.step(true)).toBe("done");
  expect(cluster.step(false)).toBe("trust");
});
