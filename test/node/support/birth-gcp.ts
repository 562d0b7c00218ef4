import { expect, test } from "vitest";
import { nodeRoles } from "../../../lib/infrastructure/gcp/custom-roles";
import { findTool } from "../../support/tools";
import { describeBirth } from "./birth";
import { GcpLan } from "./gcp-lan";

/** A cluster of so many servers, and a worker, come up on Google Cloud. */
export function describeBirthOnGcp(title: string, count: 1 | 3): void {
  const fakeGcs = findTool("fake-gcs-server");
  describeBirth(
    title,
    count,
    { "fake-gcs-server": fakeGcs },
    (scope) => GcpLan.start(scope, fakeGcs ?? ""),
    (network) => {
      test("nodes ask of Google Cloud no more than the custom roles of their groups allow", () => {
        const roles = Object.entries(nodeRoles).map(([name, { permissions }]) => [name, permissions] as const);
        const [project, secrets] = ["acme-caravan-prod", "projects/acme-caravan-prod/secrets/caravan-prod"];
        const ring = `projects/${project}/locations/europe-west1/keyRings/caravan-prod-keys`;
        const account = (group: string) => `caravan-prod-${group}@${project}.iam.gserviceaccount.com`;
        expect(network().rightsUsed(Object.fromEntries(roles))).toEqual([
          `server-main: node ${project}`,
          `server-main: seal ${ring}/cryptoKeys/keyring`,
          `server-main: seal ${ring}/cryptoKeys/seal`,
          `server-main: signIn ${project}`,
          `server-main: signIn ${account("server-main")}`,
          `server-main: signIn ${account("worker-general")}`,
          `server-main: writeSecret ${secrets}-bootstrap`,
          `server-main: writeSecret ${secrets}-public-ca`,
          `server-main: writeSecret ${secrets}-recovery-keys`,
          `worker-general: node ${project}`,
          `worker-general: readSecret ${secrets}-public-ca`,
        ]);
      });
    },
  );
}
