import { describe, expect, it } from "vitest";
import * as rules from "../../../lib/infrastructure/gcp/rules";
import { zoneId } from "../../../lib/infrastructure/gcp/zone-name";

const PROJECT = "projects/acme-caravan-prod";

const cases = {
  projectId: {
    rule: rules.projectId,
    right: ["acme-caravan-prod", "abcdef", "a23456789012345678901234567890"],
    wrong: ["Acme Caravan", "123456789012", "abcde", "acme-", "example.com:acme-prod", `${PROJECT}`, 123456789012],
  },
  region: {
    rule: rules.region,
    right: ["europe-west1", "europe-west12", "us-central1", "northamerica-northeast2", "me-central2", "africa-south1"],
    wrong: ["europe-west1-b", "eu-west-1", "EUROPE-WEST1", "europe", "europe-west0", "eu", "global", ""],
  },
  zoneOf: {
    rule: rules.zoneOf("europe-west1"),
    right: ["b", "europe-west1-d"],
    wrong: ["europe-west3-b", "europe-west1", "europe-west1b", "B", 1],
  },
  networkName: {
    rule: rules.networkName,
    right: [
      `${PROJECT}/global/networks/shared`,
      `https://www.googleapis.com/compute/v1/${PROJECT}/global/networks/shared`,
    ],
    wrong: ["shared", "global/networks/shared", `${PROJECT}/global/networks/Shared`],
  },
  subnetworkName: {
    rule: rules.subnetworkName,
    right: [`${PROJECT}/regions/europe-west1/subnetworks/nodes`],
    wrong: ["nodes", `${PROJECT}/regions/europe-west1-b/subnetworks/nodes`, `${PROJECT}/global/networks/shared`],
  },
  instanceGroupName: {
    rule: rules.instanceGroupName,
    right: [
      `${PROJECT}/regions/europe-west1/instanceGroups/main`,
      `https://www.googleapis.com/compute/v1/${PROJECT}/zones/europe-west1-b/instanceGroups/main`,
    ],
    wrong: ["main", `${PROJECT}/regions/europe-west1/instanceGroupManagers/main`],
  },
  securityPolicyName: {
    rule: rules.securityPolicyName,
    right: [`${PROJECT}/global/securityPolicies/edge`],
    wrong: ["edge", `${PROJECT}/regions/europe-west1/securityPolicies/edge`],
  },
  certificateName: {
    rule: rules.certificateName,
    right: [`${PROJECT}/locations/europe-west1/certificates/people`, `${PROJECT}/locations/global/certificates/people`],
    wrong: ["people", `${PROJECT}/locations/eu/certificates/people`, `${PROJECT}/global/sslCertificates/people`],
  },
  channelName: {
    rule: rules.channelName,
    right: [`${PROJECT}/notificationChannels/1234567890`],
    wrong: ["1234567890", "on-call@example.com", `${PROJECT}/notificationChannels/on-call`],
  },
  cryptoKeyName: {
    rule: rules.cryptoKeyName,
    right: [
      `${PROJECT}/locations/europe-west1/keyRings/caravan/cryptoKeys/seal`,
      `${PROJECT}/locations/europe/keyRings/Caravan_1/cryptoKeys/seal`,
    ],
    wrong: ["seal", `${PROJECT}/locations/europe-west1/keyRings/caravan/cryptoKeys/seal/cryptoKeyVersions/1`],
  },
  zoneId: {
    rule: zoneId,
    right: ["caravan-example-com", "projects/acme-dns/managedZones/caravan-example-com"],
    wrong: ["caravan.example.com", "Caravan", "-a"],
  },
  serviceAccount: {
    rule: rules.serviceAccount,
    right: ["nodes-a@acme-caravan-prod.iam.gserviceaccount.com"],
    wrong: ["nodes-a", "123456789012-compute@developer.gserviceaccount.com", "jane@example.com"],
  },
};

describe.each(Object.entries(cases))("%s", (_name, { rule, right, wrong }) => {
  it.each(right)("accepts %j", (value) => {
    expect(rule.accepts(value)).toBe(true);
  });

  it.each(wrong)("refuses %j", (value) => {
    expect(rule.accepts(value)).toBe(false);
  });
});
