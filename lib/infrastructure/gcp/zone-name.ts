import type { Rule } from "../../core/errors";
import { matching } from "../../core/rules";
import type { GcpPlace } from "./place";

/** https://cloud.google.com/dns/docs/reference/rest/v1/managedZones: a label of at most 63 characters. */
const NAME = "[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?";

/** A managed zone: its name in the environment's project, or its full name where it is in another project. */
export const zoneId: Rule<string> = matching(
  new RegExp(`(?:projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/managedZones/)?${NAME}`),
  'the name of a managed zone of Cloud DNS, or its full name: "projects/acme-dns/managedZones/example-com"',
  "copy it from `gcloud dns managed-zones list`; the zone's domain is not it",
);

/** Where the records of a zone are made. */
export function recordsIn(
  id: string,
  { project }: Pick<GcpPlace, "project">,
): { project: string; managedZone: string } {
  const [, of, name] = /^projects\/([^/]+)\/managedZones\/(.*)$/.exec(id) ?? [];
  return { project: of ?? project, managedZone: name ?? id };
}
