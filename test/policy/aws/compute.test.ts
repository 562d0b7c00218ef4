import { gzipSync } from "node:zlib";
import { computeRules } from "../../../lib/policy/aws/compute";
import { testRules } from "../rule-examples";

const template = (attributes: object) => ({ resource: { aws_launch_template: { t: attributes } } });
const instance = (attributes: object) => ({ resource: { aws_instance: { i: attributes } } });
// The example key of AWS's own documentation.
const ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";

const cloudConfig = (enabled: boolean) => {
  const content = JSON.stringify({ plugin: { docker: {}, raw_exec: { config: { enabled } } } }, null, 1);
  return `#cloud-config\nwrite_files:\n- path: /etc/nomad.d/nomad.json\n  content: ${JSON.stringify(content)}\n`;
};
const compressed = (text: string) => gzipSync(text).toString("base64");

testRules(computeRules, {
  "aws-instance-imdsv2": {
    breaks: {
      "a template alone": [template({}), "aws_launch_template.t metadata_options.http_tokens: nothing"],
      "tokens by choice": [
        instance({ metadata_options: { http_tokens: "optional" } }),
        'aws_instance.i metadata_options.http_tokens: "optional"',
      ],
    },
    holds: {
      "tokens required": template({ metadata_options: [{ http_tokens: "required" }] }),
      "no metadata": instance({ metadata_options: { http_endpoint: "disabled" } }),
    },
  },
  "aws-instance-hop-limit": {
    breaks: {
      "two hops": [
        template({ metadata_options: { http_put_response_hop_limit: 2 } }),
        "aws_launch_template.t metadata_options.http_put_response_hop_limit: 2",
      ],
      "what the image says": [
        template({ metadata_options: { http_tokens: "required" } }),
        "aws_launch_template.t metadata_options.http_put_response_hop_limit: nothing",
      ],
    },
    holds: { "one hop": template({ metadata_options: { http_put_response_hop_limit: 1 } }) },
  },
  "aws-instance-public-ip": {
    breaks: {
      "an instance": [
        instance({ associate_public_ip_address: true }),
        "aws_instance.i associate_public_ip_address: true",
      ],
      "a template, as text": [
        template({ network_interfaces: [{ associate_public_ip_address: "true" }] }),
        "aws_launch_template.t network_interfaces.associate_public_ip_address: true",
      ],
    },
    holds: { "no address": template({ network_interfaces: { associate_public_ip_address: "false" } }) },
  },
  "aws-volume-encryption": {
    breaks: {
      "a volume": [{ resource: { aws_ebs_volume: { v: {} } } }, "aws_ebs_volume.v encrypted: nothing"],
      "a root volume as the image has it": [instance({}), "aws_instance.i root_block_device: nothing"],
      "one disk of two": [
        template({ block_device_mappings: [{ ebs: { encrypted: "true" } }, { ebs: { encrypted: "false" } }] }),
        'aws_launch_template.t block_device_mappings[1].ebs.encrypted: "false"',
      ],
    },
    holds: {
      "encrypted disks": template({
        block_device_mappings: [{ ebs: { encrypted: "true" } }, { device_name: "/dev/sdb", no_device: "true" }],
      }),
      "an encrypted root volume": instance({ root_block_device: { encrypted: true } }),
    },
  },
  "aws-instance-key-pair": {
    breaks: {
      "a template": [template({ key_name: "ops" }), 'aws_launch_template.t key_name: "ops"'],
      "the pair itself": [
        { resource: { aws_key_pair: { k: { public_key: "ssh-ed25519 x" } } } },
        "aws_key_pair.k key_name: nothing",
      ],
    },
    holds: { "no key": template({}) },
  },
  "aws-user-data-access-key": {
    breaks: {
      "a script": [
        instance({ user_data: `export AWS_ACCESS_KEY_ID=${ACCESS_KEY}` }),
        'aws_instance.i user_data: "an access key (not shown)"',
      ],
      "a compressed script": [
        template({ user_data: compressed(`key=${ACCESS_KEY}\n`) }),
        'aws_launch_template.t user_data: "an access key (not shown)"',
      ],
      "a script in base64": [
        template({ user_data: Buffer.from(`key=${ACCESS_KEY}\n`).toString("base64") }),
        'aws_launch_template.t user_data: "an access key (not shown)"',
      ],
    },
    holds: { "a script": instance({ user_data: "#!/bin/sh\necho AKIA" }) },
  },
  "aws-user-data-raw-exec": {
    breaks: {
      "HCL in a script": [
        instance({ user_data: 'cat > nomad.hcl <<E\nplugin "raw_exec" {\n  config {\n    enabled = true\n  }\n}\nE' }),
        'aws_instance.i user_data: "raw_exec enabled"',
      ],
      "JSON in cloud-config, compressed, ended by Terraform": [
        template({ user_data: `${compressed(cloudConfig(true))}\${base64gzip(local.values)}` }),
        'aws_launch_template.t user_data: "raw_exec enabled"',
      ],
      "the old option": [
        template({ user_data: Buffer.from('{"driver.raw_exec.enable": "1"}').toString("base64") }),
        'aws_launch_template.t user_data: "raw_exec enabled"',
      ],
    },
    holds: {
      "the driver off": template({ user_data: compressed(cloudConfig(false)) }),
      "another driver on": instance({
        user_data: 'plugin "raw_exec" { config { enabled = false } } plugin "docker" { config { enabled = true } }',
      }),
      "what is no gzip": template({ user_data: "H4sIAAAAAAAA" }),
    },
  },
  "aws-instance-role": {
    breaks: {
      "an instance": [instance({}), "aws_instance.i iam_instance_profile: nothing"],
      "a template": [template({}), "aws_launch_template.t iam_instance_profile: nothing"],
    },
    holds: {
      "a profile by name": instance({ iam_instance_profile: "nodes" }),
      "a profile by ARN": template({
        iam_instance_profile: { arn: "arn:aws:iam::123456789012:instance-profile/nodes" },
      }),
    },
  },
  "aws-instance-monitoring": {
    breaks: {
      "an instance": [instance({}), "aws_instance.i monitoring: nothing"],
      "a template that turns it off": [
        template({ monitoring: [{ enabled: false }] }),
        "aws_launch_template.t monitoring.enabled: false",
      ],
    },
    holds: { "an instance": instance({ monitoring: true }), "a template": template({ monitoring: { enabled: true } }) },
  },
  "aws-instance-ebs-optimized": {
    breaks: {
      "an instance": [instance({}), "aws_instance.i ebs_optimized: nothing"],
      "a template, as text": [template({ ebs_optimized: "false" }), "aws_launch_template.t ebs_optimized: false"],
    },
    holds: { "an instance": instance({ ebs_optimized: true }), "a template": template({ ebs_optimized: "true" }) },
  },
  "aws-launch-template-volume-key": {
    breaks: {
      "the account's default key": [
        template({ block_device_mappings: { ebs: { encrypted: "true" } } }),
        "aws_launch_template.t block_device_mappings.ebs.kms_key_id: nothing",
      ],
    },
    holds: { "a key": template({ block_device_mappings: { ebs: { encrypted: "true", kms_key_id: "arn" } } }) },
  },
});
