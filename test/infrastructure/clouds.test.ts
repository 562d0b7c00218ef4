import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { InvalidPropsError } from "../../lib";
import { infrastructureSchema } from "../../lib/infrastructure/contract";
import { type CommonProps, cloudNames, onCloud, wholeOn } from "./clouds";

const props: CommonProps = {
  datacenter: "dc1",
  nomadRegion: "europe",
  insideDomain: "acme.internal",
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"], count: 5 } },
  workers: { general: { min: 2, max: 6 }, system: { min: 1, max: 1, system: true, nodePool: "platform" } },
};

describe("the same props", () => {
  test.each(cloudNames)("make the same contract on %s, but for where it stands", (cloud) => {
    const { contract } = onCloud(cloud, props);
    const { region, account, plannerIdentity, deployerIdentity, clusterBucket, access, ...same } = contract.static;
    expect(same).toEqual({
      cloud,
      environment: "prod",
      serverGroups: { vault: ["vault"], main: ["consul", "nomad"] },
      workerGroups: {
        general: { nodePool: "general", system: false, csi: false, min: 2, max: 6 },
        system: { nodePool: "platform", system: true, csi: false, min: 1, max: 1 },
      },
      datacenter: "dc1",
      nomadRegion: "europe",
      machine: {
        vault: "vault.prod.acme.internal",
        consul: "consul.prod.acme.internal",
        nomad: "nomad.prod.acme.internal",
      },
    });
    const { cloud: where, ...who } = access;
    expect(where).toMatchObject({ name: cloud, region });
    expect(who).toEqual({
      environment: "prod",
      datacenter: "dc1",
      region: "europe",
      insideDomain: "acme.internal",
      discovery: "cloud",
      servers: { vault: { runs: ["vault"], count: 3 }, main: { runs: ["consul", "nomad"], count: 5 } },
      workers: { general: {}, system: { nodePool: "platform" } },
    });
    const where2 = { region, account, plannerIdentity, deployerIdentity, clusterBucket };
    expect(Object.values(where2).every((value) => typeof value === "string" && value.length > 0)).toBe(true);
  });

  test.each(cloudNames)("are refused alike on %s", (cloud) => {
    const wrong = {
      insideDomain: "not a domain",
      servers: { main: { runs: ["vault", "consul"], count: 2 }, UPPER: { runs: ["consul"] } },
      workers: { main: { min: 4, max: 2 }, general: { spotPercent: 120 } },
    } as never;
    const problems = problemsOf(() => onCloud(cloud, wrong));
    expect(problems).toEqual(expect.arrayContaining(EVERYWHERE));
  });
});

/** Where a cloud has nothing for a field, and why. */
const NOTHING: Readonly<Record<string, string>> = {
  "publicSubnetIds gcp": "none: what faces the internet stands in no subnet",
};

/** What a field is on a cloud: types and attributes of what it refers to, or the value. */
function meaningOf(value: unknown): string {
  const text = JSON.stringify(value);
  const references = [...text.matchAll(/\$\{(?:data\.)?(\w+)\.[\w-]+\.(\w+)/g)].map(
    ([, type = "", attribute = ""]) => `\`${type}\` ${attribute}`,
  );
  if (references.length > 0) return [...new Set(references)].join(", ");
  const texts = typeof value === "object" && value !== null ? Object.values(value) : [value];
  return texts.map((one) => `\`${String(one).replace(/\$\{.*\}/g, "...")}\``).join(", ");
}

test("the contract's table in the docs has every field on every cloud", async () => {
  const clouds = cloudNames.map((cloud) => [cloud, wholeOn(cloud)] as const);
  const rows = Object.entries(infrastructureSchema.fields).map(([field, { description }]) => {
    const cells = clouds.map(([cloud, { template }]) => {
      const { value } = template.output(infrastructureSchema.outputName(field)) as { value: unknown };
      const isNothing = value === "" || (typeof value === "object" && Object.keys(value ?? {}).length === 0);
      const cell = isNothing ? NOTHING[`${field} ${cloud}`] : meaningOf(value);
      expect(cell, `${field} on ${cloud}`).toBeDefined();
      return cell;
    });
    return `| \`${field}\` | ${[description, ...cells].join(" | ")} |`;
  });
  const known = Object.keys(clouds[0]?.[1].contract.static ?? {});
  for (const [cloud, { contract }] of clouds) expect(Object.keys(contract.static), cloud).toEqual(known);
  const table = ["| field | what | AWS | Azure | Google Cloud |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
  const path = resolve(__dirname, "../../docs/infrastructure-contract.md");
  const page = readFileSync(path, "utf8");
  const written = page.replace(/\| field \| what [\s\S]*\|(?=\n)/, () => table);
  expect(written).toContain(table);
  await expect(written).toMatchFileSnapshot(path);
});

const EVERYWHERE = [
  "insideDomain",
  'servers["UPPER"]',
  "servers.main.count",
  "servers",
  'workers["main"]',
  "workers.main.min",
  "workers.general.spotPercent",
];

function problemsOf(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidPropsError) return error.problems.map(({ property }) => property);
    throw error;
  }
  throw new Error("nothing was refused");
}
