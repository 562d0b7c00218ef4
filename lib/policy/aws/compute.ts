import type { PolicyRule } from "../rule";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import { enablesRawExec, userDataOf } from "../user-data";
import { UNKNOWN } from "../values";

const MACHINES = ["aws_instance", "aws_launch_template", "aws_launch_configuration"];

const imdsv2: PolicyRule = {
  id: "aws-instance-imdsv2",
  severity: "HIGH",
  title: "The metadata of an instance is read with a session token only (IMDSv2)",
  why: "One request that an application can be talked into is enough to take the machine's identity otherwise.",
  fix: 'set metadata_options.http_tokens = "required"',
  references: { trivy: ["AWS-0028", "AWS-0130"], checkov: ["CKV_AWS_79"], cis: ["AWS v6.0 6.7"] },
  resourceTypes: MACHINES,
  *check(machine) {
    const options = machine.block("metadata_options");
    const tokens = options?.text("http_tokens");
    if (isWithoutMetadata(options, tokens)) return;
    if (tokens !== "required" && tokens !== UNKNOWN) yield { attribute: "metadata_options.http_tokens", given: tokens };
  },
};

/** Whether the metadata is off; where only Terraform knows, nothing need be stated of it. */
function isWithoutMetadata(options: SynthesizedBlock | undefined, stated: unknown): boolean {
  const endpoint = options?.text("http_endpoint");
  return endpoint === "disabled" || (endpoint === UNKNOWN && stated === undefined);
}

const hopLimit: PolicyRule = {
  id: "aws-instance-hop-limit",
  severity: "MEDIUM",
  title: "The metadata of an instance stays on the machine",
  why: "With more than one hop the containers on the machine can take the machine's identity.",
  fix: "set metadata_options.http_put_response_hop_limit = 1",
  references: { checkov: ["CKV_AWS_341"] },
  resourceTypes: MACHINES,
  *check(machine) {
    const options = machine.block("metadata_options");
    // Not stated is not 1: the machine image may set 2.
    const hops = options?.number("http_put_response_hop_limit");
    if (isWithoutMetadata(options, hops)) return;
    if (hops !== 1 && hops !== UNKNOWN) {
      yield { attribute: "metadata_options.http_put_response_hop_limit", given: hops };
    }
  },
};

const publicIp: PolicyRule = {
  id: "aws-instance-public-ip",
  severity: "HIGH",
  title: "No instance has a public address",
  why: "What the internet cannot reach it cannot attack.",
  fix: "set associate_public_ip_address = false and put a load balancer before what must be public",
  references: { trivy: ["AWS-0009"], checkov: ["CKV_AWS_88"] },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const block of [machine, ...machine.blocks("network_interfaces")]) {
      if (block.boolean("associate_public_ip_address") === true) {
        yield { attribute: block.at("associate_public_ip_address"), given: true };
      }
    }
  },
};

const volumes: PolicyRule = {
  id: "aws-volume-encryption",
  severity: "HIGH",
  title: "Every volume is encrypted",
  why: "A snapshot or a disk that leaves the account is readable otherwise.",
  fix: "set encrypted = true",
  references: {
    trivy: ["AWS-0008", "AWS-0026", "AWS-0131"],
    checkov: ["CKV_AWS_3", "CKV_AWS_8", "CKV2_AWS_2"],
    cis: ["AWS v6.0 6.1.1"],
  },
  resourceTypes: [...MACHINES, "aws_ebs_volume"],
  *check(resource) {
    const disks = disksOf(resource);
    if (disks.length === 0)
      yield { attribute: rootDisk(resource), fix: `add ${rootDisk(resource)} with encrypted = true` };
    for (const disk of disks) {
      const encrypted = disk.boolean("encrypted");
      if (encrypted !== true && encrypted !== UNKNOWN) {
        yield { attribute: disk.at("encrypted"), given: disk.value("encrypted") };
      }
    }
  },
};

function disksOf(resource: SynthesizedResource): SynthesizedBlock[] {
  switch (resource.type) {
    case "aws_ebs_volume":
      return [resource];
    case "aws_launch_template":
      return resource.blocks("block_device_mappings").flatMap((mapping) => mapping.blocks("ebs"));
    default: {
      const root = resource.blocks("root_block_device");
      // Without its own block the root volume is as the machine image has it.
      return root.length === 0 ? [] : [...root, ...resource.blocks("ebs_block_device")];
    }
  }
}

function rootDisk(resource: SynthesizedResource): string {
  return resource.type === "aws_launch_template" ? "block_device_mappings.ebs" : "root_block_device";
}

const keyPair: PolicyRule = {
  id: "aws-instance-key-pair",
  severity: "MEDIUM",
  title: "No instance has an SSH key pair",
  why: "A private key has no end date, no second factor and no log of its use.",
  fix: "remove it and use Session Manager",
  references: { url: "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html" },
  resourceTypes: [...MACHINES, "aws_key_pair"],
  *check(resource) {
    if (resource.has("key_name") || resource.type === "aws_key_pair") {
      yield { attribute: "key_name", given: resource.value("key_name") };
    }
  },
};

const USER_DATA = ["user_data", "user_data_base64"];

const ACCESS_KEY = /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/;

const userDataKeys: PolicyRule = {
  id: "aws-user-data-access-key",
  severity: "CRITICAL",
  title: "No user data holds an access key of AWS",
  why: "Everything on the machine, and everybody who may describe it, reads user data.",
  fix: "remove the key and give the machine an instance profile",
  references: { trivy: ["AWS-0029", "AWS-0129"], checkov: ["CKV_AWS_46"] },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const [attribute, texts] of userDataOf(machine, USER_DATA)) {
      if (texts.some((text) => ACCESS_KEY.test(text))) yield { attribute, given: "an access key (not shown)" };
    }
  },
};

const rawExec: PolicyRule = {
  id: "aws-user-data-raw-exec",
  severity: "HIGH",
  title: "No machine lets jobs of Nomad run as root without isolation (raw_exec)",
  why: "Whoever may submit a job is root on the machine, reads its secrets and takes its identities.",
  fix: "leave the driver off, and use the docker or the exec driver",
  references: { url: "https://developer.hashicorp.com/nomad/docs/drivers/raw_exec" },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const [attribute, texts] of userDataOf(machine, USER_DATA)) {
      if (enablesRawExec(texts)) yield { attribute, given: "raw_exec enabled" };
    }
  },
};

const instanceRole: PolicyRule = {
  id: "aws-instance-role",
  severity: "MEDIUM",
  title: "A machine has a role of its own",
  why: "What runs on it is otherwise given keys that do not expire, or whatever role the account gives to all.",
  fix: "set iam_instance_profile",
  references: { checkov: ["CKV2_AWS_41"] },
  resourceTypes: MACHINES,
  *check(machine) {
    if (!machine.has("iam_instance_profile")) yield { attribute: "iam_instance_profile" };
  },
};

const monitoring: PolicyRule = {
  id: "aws-instance-monitoring",
  severity: "LOW",
  title: "A machine is measured every minute",
  why: "Without detailed monitoring alarms and scaling see a trouble five minutes late.",
  fix: "turn detailed monitoring on",
  references: { checkov: ["CKV_AWS_126"] },
  resourceTypes: ["aws_instance", "aws_launch_template"],
  *check(machine) {
    const isTemplate = machine.type === "aws_launch_template";
    const enabled = isTemplate ? machine.block("monitoring")?.boolean("enabled") : machine.boolean("monitoring");
    if (enabled !== true && enabled !== UNKNOWN) {
      yield { attribute: isTemplate ? "monitoring.enabled" : "monitoring", given: enabled };
    }
  },
};

const ebsOptimized: PolicyRule = {
  id: "aws-instance-ebs-optimized",
  severity: "LOW",
  title: "A machine has bandwidth of its own for its disks",
  why: "Raft writes each entry to disk before it answers; network traffic must not slow that down.",
  fix: "set ebs_optimized = true",
  references: { checkov: ["CKV_AWS_135"] },
  resourceTypes: ["aws_instance", "aws_launch_template"],
  *check(machine) {
    const optimized = machine.boolean("ebs_optimized");
    if (optimized !== true && optimized !== UNKNOWN) yield { attribute: "ebs_optimized", given: optimized };
  },
};

const templateVolumeKey: PolicyRule = {
  id: "aws-launch-template-volume-key",
  severity: "LOW",
  title: "The disks of a launch template are encrypted with a KMS key of the customer's own",
  why: "With AWS's own key nobody can say who may decrypt, see who did, or stop it.",
  fix: "set kms_key_id to the ARN of a customer managed key",
  references: {
    url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html",
  },
  resourceTypes: ["aws_launch_template"],
  *check(template) {
    for (const disk of disksOf(template)) {
      if (!disk.has("kms_key_id")) yield { attribute: disk.at("kms_key_id") };
    }
  },
};

export const computeRules: readonly PolicyRule[] = [
  imdsv2,
  hopLimit,
  publicIp,
  volumes,
  keyPair,
  userDataKeys,
  rawExec,
  instanceRole,
  monitoring,
  ebsOptimized,
  templateVolumeKey,
];
