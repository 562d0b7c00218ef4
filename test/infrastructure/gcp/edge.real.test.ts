import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GcpEdge } from "../../../lib/infrastructure/gcp/edge";
import { GcpFirewall } from "../../../lib/infrastructure/gcp/firewall";
import { GcpNetwork } from "../../../lib/infrastructure/gcp/network";
import type { GcpNetworkProps } from "../../../lib/infrastructure/gcp/network-props";
import type { GcpPeopleChoice } from "../../../lib/infrastructure/gcp/people-props";
import { Template } from "../../../lib/testing";
import { StandInProviders } from "../../support/providers";
import { testScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findTool } from "../../support/tools";
import { gcpStack, KEY, place } from "./network-stack";

const account = (name: string) => `${name}@acme-caravan-prod.iam.gserviceaccount.com`;
const groupOf = (name: string) => ({
  instanceGroupName: `caravan-prod-${name}`,
  instanceGroupUrl: `projects/acme-caravan-prod/regions/europe-west1/instanceGroups/caravan-prod-${name}`,
});

/** Everything between the nodes and the world, in one stack. */
function surroundings(network: Partial<GcpNetworkProps>, people: GcpPeopleChoice): unknown {
  const stack = gcpStack("prod-edge");
  const made = new GcpNetwork(stack, "network", { ...place, kmsKeyName: KEY, ...network });
  new GcpFirewall(stack, "firewall", {
    ...place,
    network: made,
    serverAccounts: { main: account("server-main") },
    workerAccounts: { general: account("worker-general") },
    clients: { privateRunner: [account("runners")] },
    people: people.public === true ? "public" : "internal",
  });
  new GcpEdge(stack, "edge", {
    ...place,
    network: made,
    insideDomain: "caravan.internal",
    logName: "projects/acme-caravan-prod/logs/caravan-prod-nodes",
    servers: { main: { ...groupOf("server-main"), size: 3, runs: ["vault", "consul", "nomad"] } },
    workers: { general: groupOf("worker-general") },
    domain: "caravan.example.com",
    dns: { parentZoneId: "projects/acme-dns/managedZones/example-com" },
    people,
    alarms: { emails: ["on-call@example.com"] },
  });
  return Template.of(stack).json;
}

const variants: [string, Partial<GcpNetworkProps>, GcpPeopleChoice][] = [
  ["inside, with Cloud NAT", {}, {}],
  [
    "facing the internet, with Google's APIs alone",
    { egress: "private", googleDomains: ["pkg.dev"] },
    { public: true, allowedRanges: ["203.0.113.0/24"] },
  ],
];

for (const tool of ["terraform", "tofu"]) {
  describeWith(
    `surroundings for ${tool}, with the schema of the bindings' provider`,
    { tool: findTool(tool) },
    (found) => {
      test.each(variants)("are valid and planned: %s", async (_name, network, people) => {
        const scope = testScope();
        const cwd = scope.directory("surroundings");
        writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(surroundings(network, people)));
        const local = { terraform: { backend: { local: { path: "terraform.tfstate" } } } };
        writeFileSync(join(cwd, "backend_override.tf.json"), JSON.stringify(local));
        const terraform = new Terraform({ program: found.tool, cwd, providers: new StandInProviders(scope) });
        await terraform.init();
        expect(await terraform.validate()).toMatchObject({ valid: true, diagnostics: [] });
        const { actions } = await terraform.plan();
        expect(actions.filter((action) => !/^(create|read) /.test(action))).toEqual([]);
        expect(actions.length).toBeGreaterThan(80);
      });
    },
  );
}
