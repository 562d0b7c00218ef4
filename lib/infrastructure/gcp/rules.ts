import { type Rule, rule } from "../../core/errors";
import { matching } from "../../core/rules";

/** https://cloud.google.com/resource-manager/docs/creating-managing-projects: 6 to 30 characters. */
const PROJECT = "[a-z][a-z0-9-]{4,28}[a-z0-9]";
const REGION =
  "(?:africa|asia|australia|europe|me|northamerica|southamerica|us)-(?:central|(?:north|south)(?:east|west)?|east|west)[1-9]\\d?";
/** https://cloud.google.com/compute/docs/naming-resources: RFC 1035, 1 to 63 characters. */
const NAME = "[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?";
/** Compute Engine's own addresses stand before the path of a resource where its `selfLink` is given. */
const COMPUTE = "(?:https://www\\.googleapis\\.com/compute/v1/)?";

const text = (value: unknown): value is string => typeof value === "string";

/** A project's id. Ids of the time when domains stood before them (`example.com:prod`) are none. */
export const projectId: Rule<string> = matching(
  new RegExp(PROJECT),
  "the id of a project: 6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen last",
  "copy the id from the console's project menu, such as \"acme-caravan-prod\"; the project's name or number is not it",
);

/** A region, as Compute Engine names it. */
export const region: Rule<string> = matching(
  new RegExp(REGION),
  'a region of Google Cloud, such as "europe-west1"',
  "use the name from `gcloud compute regions list`, without a zone's letter",
);

/** A zone of a region: its letter, `"b"`, or its name, `"europe-west1-b"`. */
export function zoneOf(regionName: string): Rule<string> {
  return rule({
    allowed: `the letter or the name of a zone of ${regionName}: "b" or "${regionName}-b"`,
    fix: `give a letter, or a name that begins with "${regionName}-"`,
    accepts: (value) =>
      text(value) && /^[a-z]$/.test(value.startsWith(`${regionName}-`) ? value.slice(regionName.length + 1) : value),
  });
}

interface PathProps {
  /** What it names, with its article: `"a network"`. */
  readonly of: string;
  /** Pattern of what follows the project. */
  readonly path: string;
  /** What follows the project, for a reader. */
  readonly example: string;
  readonly from: string;
  /** @default false */
  readonly compute?: boolean;
}

function path({ of, path: pattern, example, from, compute = false }: PathProps): Rule<string> {
  return matching(
    new RegExp(`${compute ? COMPUTE : ""}projects/${PROJECT}/${pattern}`),
    `the full name of ${of}, such as "projects/acme-caravan-prod/${example}"`,
    `copy it from ${from}; the short name is not enough`,
  );
}

export const networkName: Rule<string> = path({
  of: "a VPC network",
  path: `global/networks/${NAME}`,
  example: "global/networks/shared",
  from: "`gcloud compute networks list --uri`",
  compute: true,
});

export const subnetworkName: Rule<string> = path({
  of: "a subnet",
  path: `regions/${REGION}/subnetworks/${NAME}`,
  example: "regions/europe-west1/subnetworks/nodes",
  from: "`gcloud compute networks subnets list --uri`",
  compute: true,
});

export const instanceGroupName: Rule<string> = path({
  of: "an instance group",
  path: `(?:regions/${REGION}|zones/${REGION}-[a-z])/instanceGroups/${NAME}`,
  example: "regions/europe-west1/instanceGroups/caravan-prod-server-main",
  from: "the attribute `instance_group` of its manager",
  compute: true,
});

export const securityPolicyName: Rule<string> = path({
  of: "a global security policy of Cloud Armor",
  path: `global/securityPolicies/${NAME}`,
  example: "global/securityPolicies/edge",
  from: "`gcloud compute security-policies list --uri`; a regional one does not fit a load balancer that faces the internet",
  compute: true,
});

export const certificateName: Rule<string> = path({
  of: "a certificate of Certificate Manager",
  path: `locations/(?:global|${REGION})/certificates/${NAME}`,
  example: "locations/europe-west1/certificates/people",
  from: "`gcloud certificate-manager certificates list`",
});

export const channelName: Rule<string> = path({
  of: "a notification channel of Cloud Monitoring",
  path: "notificationChannels/\\d+",
  example: "notificationChannels/1234567890",
  from: "`gcloud beta monitoring channels list`",
});

/** A machine image, of this project or of whoever publishes it. */
export const imageName: Rule<string> = path({
  of: "a machine image",
  path: `global/images/${NAME}`,
  example: "global/images/caravan-20261101",
  from: "`gcloud compute images list --uri`; a family stands for another image tomorrow",
  compute: true,
});

/** The full name of a key of Cloud KMS, without a version. */
export const cryptoKeyName: Rule<string> = path({
  of: "a key of Cloud KMS",
  path: `locations/(?:${REGION}|global|[a-z]+[1-9]?)/keyRings/[\\w-]{1,63}/cryptoKeys/[\\w-]{1,63}`,
  example: "locations/europe-west1/keyRings/caravan/cryptoKeys/seal",
  from: "the key's menu in the console, without a version at its end",
});

/** https://cloud.google.com/iam/docs/service-account-types: of a user's own service account. */
export const serviceAccount: Rule<string> = matching(
  new RegExp(`[a-z][a-z0-9-]{4,28}[a-z0-9]@${PROJECT}\\.iam\\.gserviceaccount\\.com`),
  'the e-mail address of a service account, 6 to 30 characters before its @: "caravan-nodes@acme-caravan-prod.iam.gserviceaccount.com"',
  "copy it from `gcloud iam service-accounts list`; the default accounts of Google's services are none",
);
