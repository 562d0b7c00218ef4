import type { PolicyRule } from "../rule";
import { balancerRules } from "./balancers";
import { diskRules } from "./disks";
import { dnsRules } from "./dns";
import { firewallRules } from "./firewall";
import { iamRules } from "./iam";
import { keyRules } from "./keys";
import { logRules } from "./logs";
import { machineRules } from "./machines";
import { metadataRules } from "./metadata";
import { networkRules } from "./network";
import { secretRules } from "./secrets";
import { storageRules } from "./storage";
import { workloadIdentityRules } from "./workload-identity";

/** The rules for Google Cloud. */
export const gcpRules: readonly PolicyRule[] = [
  ...storageRules,
  ...keyRules,
  ...iamRules,
  ...workloadIdentityRules,
  ...networkRules,
  ...firewallRules,
  ...logRules,
  ...secretRules,
  ...machineRules,
  ...metadataRules,
  ...diskRules,
  ...balancerRules,
  ...dnsRules,
];
