import type { PolicyRule } from "../rule";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import { enablesRawExec, holdsCredential, type UserData, userDataTexts } from "../user-data";
import { isObject, property, textOf, UNKNOWN, type Unknown } from "../values";
import { MACHINES } from "./machine-types";

/** A key of a machine's metadata, by its name in whatever case. */
function metadata(machine: SynthesizedBlock, key: string): string | undefined | Unknown {
  const values = machine.value("metadata");
  if (isObject(values)) return textOf(property(values, key));
  return values === undefined ? undefined : UNKNOWN;
}

function metadataRule(
  rule: Omit<PolicyRule, "resourceTypes" | "check">,
  key: string,
  right: (value: string | undefined) => boolean,
  types: readonly string[] = MACHINES,
): PolicyRule {
  return {
    ...rule,
    resourceTypes: types,
    *check(machine) {
      const value = metadata(machine, key);
      if (value !== UNKNOWN && !right(value)) yield { attribute: `metadata.${key}`, given: value };
    },
  };
}

const isTrue = (value: string | undefined) => /^true$/i.test(value ?? "");

const projectKeys = metadataRule(
  {
    id: "gcp-machine-project-keys",
    severity: "MEDIUM",
    title: "SSH keys of the project do not open a machine",
    why: "One key that leaks opens every machine of the project.",
    fix: 'set metadata block-project-ssh-keys = "TRUE"',
    references: { trivy: ["GCP-0030"], checkov: ["CKV_GCP_32"], cis: ["GCP v5.0 4.3"] },
  },
  "block-project-ssh-keys",
  isTrue,
);

const osLogin = metadataRule(
  {
    id: "gcp-machine-os-login",
    severity: "MEDIUM",
    title: "Who may sign in to a machine is said by IAM (OS Login)",
    why: "Keys in metadata have no end, no second factor and no log of their use.",
    fix: 'set metadata enable-oslogin = "TRUE"',
    references: { trivy: ["GCP-0036", "GCP-0042"], checkov: ["CKV_GCP_34"], cis: ["GCP v5.0 4.4"] },
  },
  "enable-oslogin",
  isTrue,
);

const serialPort = metadataRule(
  {
    id: "gcp-machine-serial-port",
    severity: "MEDIUM",
    title: "A machine's serial ports take no sign-in",
    why: "They are reached from every address of the internet, past the firewall.",
    fix: "remove serial-port-enable",
    references: { trivy: ["GCP-0032"], checkov: ["CKV_GCP_35"], cis: ["GCP v5.0 4.5"] },
  },
  "serial-port-enable",
  (value) => !/^(true|1)$/i.test(value ?? ""),
);

const sshKeys = metadataRule(
  {
    id: "gcp-machine-ssh-keys",
    severity: "MEDIUM",
    title: "No SSH keys in metadata",
    why: "A private key has no end date, no second factor and no log of its use.",
    fix: "remove it and use OS Login by Identity-Aware Proxy",
    references: { url: "https://cloud.google.com/compute/docs/connect/restrict-ssh-keys" },
  },
  "ssh-keys",
  (value) => value === undefined,
  [...MACHINES, "google_compute_project_metadata"],
);

/** Scripts and documents in a machine's metadata. */
function userDataIn(machine: SynthesizedResource): UserData[] {
  const values = machine.value("metadata");
  const parts: [string, unknown][] = isObject(values)
    ? ["user-data", "startup-script"].map((key) => [`metadata.${key}`, property(values, key)])
    : [];
  parts.push(["metadata_startup_script", machine.value("metadata_startup_script")]);
  return parts.flatMap(([attribute, value]) => {
    const texts = userDataTexts(value);
    return texts === undefined ? [] : [[attribute, texts] as const];
  });
}

const userDataCredential: PolicyRule = {
  id: "gcp-user-data-credential",
  severity: "CRITICAL",
  title: "No metadata holds a key",
  why: "Everything on the machine, and everybody who may describe it, reads metadata.",
  fix: "remove the key and give the machine a service account",
  references: { url: "https://cloud.google.com/compute/docs/metadata/overview" },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const [attribute, texts] of userDataIn(machine)) {
      if (holdsCredential(texts)) yield { attribute, given: "a key (not shown)" };
    }
  },
};

const rawExec: PolicyRule = {
  id: "gcp-user-data-raw-exec",
  severity: "HIGH",
  title: "No machine lets jobs of Nomad run as root without isolation (raw_exec)",
  why: "Whoever may submit a job is root on the machine, reads its secrets and takes its identities.",
  fix: "leave the driver off, and use the docker or the exec driver",
  references: { url: "https://developer.hashicorp.com/nomad/docs/drivers/raw_exec" },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const [attribute, texts] of userDataIn(machine)) {
      if (enablesRawExec(texts)) yield { attribute, given: "raw_exec enabled" };
    }
  },
};

export const metadataRules: readonly PolicyRule[] = [
  projectKeys,
  osLogin,
  serialPort,
  sshKeys,
  userDataCredential,
  rawExec,
];
