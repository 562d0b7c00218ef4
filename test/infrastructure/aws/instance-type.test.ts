import fc from "fast-check";
import { expect, test } from "vitest";
import { architectureOf, instanceType } from "../../../lib/infrastructure/aws/instance-type";

/** Families as `aws ec2 describe-instance-types` tells them, but for Mac machines. */
const families = {
  arm64:
    "a1 c6g c6gd c6gn c7g c7gd c7gn c8g c8gb c8gd c8gn g5g hpc7g i4g i8g i8ge im4gn is4gen m6g m6gd m7g m7gd m8g m8gb m8gd m8gn " +
    "r6g r6gd r7g r7gd r8g r8gb r8gd r8gn t4g x2gd x8g p6e-gb200",
  x86_64:
    "c1 c3 c4 c5 c5a c5ad c5d c5n c6a c6i c6id c6in c7a c7i c7i-flex c8a c8i c8i-flex c8ib c8id c8in c8ine d2 d3 d3en dl1 dl2q " +
    "f2 g4ad g4dn g5 g6 g6e g6f g7e gr6 gr6f h1 hpc6a hpc6id hpc7a hpc8a i2 i3 i3en i4i i7i i7ie inf1 inf2 m1 m2 m3 m4 m5 m5a " +
    "m5ad m5d m5dn m5n m5zn m6a m6i m6id m6idn m6in m7a m7i m7i-flex m8a m8azn m8i m8i-flex m8ib m8id m8in m8ine p3dn p4d p4de " +
    "p5 p5e p5en p6-b200 p6-b300 r3 r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6i r6id r6idn r6in r7a r7i r7iz r8a r8i r8i-flex r8ib " +
    "r8id r8in t1 t2 t3 t3a trn1 trn1n trn2 u-3tb1 u-6tb1 u7i-12tb u7i-6tb u7i-8tb u7in-16tb u7in-24tb u7in-32tb vt1 x1 x1e " +
    "x2idn x2iedn x2iezn x8aedz x8i z1d",
} as const;

const sizes = "nano micro small medium large xlarge 2xlarge 32xlarge 224xlarge metal metal-48xl".split(" ");

test.each(Object.entries(families))("every family of %s is known as such, in every size", (architecture, names) => {
  for (const family of names.split(" ")) {
    for (const size of sizes) {
      const type = `${family}.${size}`;
      expect([type, instanceType.accepts(type), architectureOf(type)]).toEqual([type, true, architecture]);
    }
  }
});

test.each([
  "",
  "m7i",
  "m7i.",
  ".large",
  "M7i.large",
  "m7i.Large",
  "m7i.0xlarge",
  "large.m7i",
  "m.large",
  "Standard_D4s_v5",
  "n2-standard-4",
  "m7i.large ",
  "m7i.large\n",
])("%j is no instance type", (type) => expect(instanceType.accepts(type)).toBe(false));

test("a processor follows from the family alone", () => {
  const family = fc.constantFrom(...Object.values(families).flatMap((names) => names.split(" ")));
  const size = fc.constantFrom(...sizes);
  fc.assert(
    fc.property(family, size, size, (name, one, other) => {
      expect(architectureOf(`${name}.${one}`)).toBe(architectureOf(`${name}.${other}`));
    }),
  );
});
