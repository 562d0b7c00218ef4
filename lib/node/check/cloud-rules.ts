import type { Rule } from "../../core/errors";
import { matching } from "../../core/rules";
import type { CloudName } from "../cloud/clouds";

export const awsRegion: Rule<string> = matching(
  /[a-z]{2,4}(-[a-z]+)+-[1-9]/,
  'the code of an AWS region, such as "eu-central-1"',
  "use the code from the console's region menu, without a zone's letter",
);

export const azureRegion: Rule<string> = matching(
  /[a-z]+[0-9]?/,
  'the name of an Azure region as it stands in ids, such as "westeurope"',
  "print the names with: az account list-locations --query [].name",
);

/** https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules */
export const azureResourceGroup: Rule<string> = matching(
  /[A-Za-z0-9_()-][A-Za-z0-9_().-]{0,88}[A-Za-z0-9_()-]|[A-Za-z0-9_()-]/,
  "1 to 90 letters, digits, underscores, hyphens, round brackets and inner full stops",
  'use a name such as "caravan-prod"',
);

export const uuid: Rule<string> = matching(
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
  "a UUID in lower case",
  "print it with: az account show",
);

export const gcpRegion: Rule<string> = matching(
  /[a-z]+-[a-z]+[0-9]{1,2}/,
  'a region of Google Cloud, such as "europe-west1"',
  "leave the zone's letter out; print the names with: gcloud compute regions list",
);

/** https://cloud.google.com/resource-manager/docs/creating-managing-projects */
export const gcpProject: Rule<string> = matching(
  /[a-z][a-z0-9-]{4,28}[a-z0-9]/,
  "the id of a project: 6 to 30 lower-case letters, digits and hyphens, a letter first",
  "give its id, not its name or number: gcloud projects list",
);

/** What a cloud calls the disk for data. */
export const dataDevices: Readonly<Record<CloudName, Rule<string>>> = {
  /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
  aws: matching(/\/dev\/sd[f-p]/, "a device name for data volumes, /dev/sdf to /dev/sdp", 'use "/dev/sdf"'),
  /** https://learn.microsoft.com/en-us/azure/virtual-machines/linux/azure-to-guest-disk-mapping */
  azure: matching(/[0-9]|[1-5][0-9]|6[0-3]/, "a logical unit number, 0 to 63", 'use "10"'),
  /** https://cloud.google.com/compute/docs/disks/disk-symlinks */
  gcp: matching(
    /[a-z][a-z0-9-]{0,61}[a-z0-9]/,
    "a device name of lower-case letters, digits and hyphens, a letter first",
    'use "caravan-data"',
  ),
};
