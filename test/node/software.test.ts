import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type AwsImageProps, awsImageFiles, defaultVersions, files, type NodeProps, nodeFiles } from "../../lib/node";
import { azure, everything, gcp, server, worker } from "./examples";

const contentOf = (props: NodeProps, path: string) =>
  nodeFiles(props).find((file) => file.path === path)?.content ?? "";

/** What bash reads from a file of NAME="value" lines. */
function sourced(file: string): Record<string, string> {
  const names = [...file.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name ?? "");
  const script = `. <(cat); printf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}`;
  const values = execFileSync("bash", ["-euc", script], { input: file, encoding: "utf8" }).split("\0");
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

describe("what a node installs", () => {
  test.each<[string, NodeProps, string]>([
    ["a server: its products", server, "vault consul nomad"],
    [
      "a server beside Vault: Vault's program too, as its agent",
      everything["a server beside Vault"],
      "vault consul nomad",
    ],
    ["a server of Vault alone", everything["a server of Vault alone"], "vault"],
    ["a worker: container engine and CNI", worker, "vault worker consul nomad"],
    ["a worker of Consul only", everything["a worker of Consul only"], "vault worker consul"],
  ])("%s", (_, props, wanted) => expect(sourced(contentOf(props, files.software.path))["WANTED"]).toBe(wanted));

  test("from the vendors, whose keys are known by their fingerprints", () => {
    expect(sourced(contentOf(server, files.software.path))).toMatchObject({
      VAULT_VERSION: "1.19.5",
      CONSUL_VERSION: "1.22.5",
      NOMAD_VERSION: "1.11.3",
      HASHICORP_URL: "https://apt.releases.hashicorp.com",
      HASHICORP_KEY_URL: "https://apt.releases.hashicorp.com/gpg",
      HASHICORP_FINGERPRINT: "798AEC654E5C15428C8E42EEAA16FCBCA621E701",
      DOCKER_FINGERPRINT: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
    });
  });

  test("or from a mirror, whose key lies beside its packages and is the vendor's unless told", () => {
    expect(sourced(contentOf(everything["a worker with everything"], files.software.path))).toMatchObject({
      DOCKER_URL: "https://mirror.example.com/docker",
      DOCKER_KEY_URL: "https://mirror.example.com/docker/gpg",
      DOCKER_FINGERPRINT: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
    });
  });

  test("and what signs in to registries, where there are some and the distribution has it", () => {
    const helper = (props: NodeProps) => {
      const { REGISTRY_HELPER, REGISTRY_PACKAGE } = sourced(contentOf(props, files.software.path));
      return [REGISTRY_HELPER, REGISTRY_PACKAGE];
    };
    const registries = ["registry.example.com"];
    expect(helper(worker)).toEqual([undefined, undefined]);
    expect(helper({ ...worker, registries })).toEqual(["docker-credential-ecr-login", "amazon-ecr-credential-helper"]);
    expect(helper({ ...worker, registries, cloud: azure })).toEqual(["docker-credential-acr-env", undefined]);
    expect(helper({ ...worker, registries, cloud: gcp })).toEqual(["docker-credential-gcr", undefined]);
  });

  test("by first boot, or only looked for where the image has it", () => {
    const unit = "/etc/systemd/system/caravan-first-boot.service";
    expect(contentOf(server, unit)).toContain(`\nExecStartPre=${files.install.path}\n`);
    expect(contentOf({ ...server, software: { from: "baked" } }, unit)).toContain(
      `\nExecStartPre=${files.install.path} check\n`,
    );
  });

  test("through a proxy, around which the cluster's own addresses and the metadata service go", () => {
    const proxy = sourced(
      contentOf(everything["a server with everything"], files.proxy.path).replace(/^[a-z].*\n/gm, ""),
    );
    expect(proxy["HTTPS_PROXY"]).toBe("http://proxy.example.com:3128");
    const around = proxy["NO_PROXY"]?.split(",");
    for (const one of ["169.254.169.254", "localhost", ".consul", "vault.prod.caravan.internal", ".example.com"])
      expect(around).toContain(one);
    expect(contentOf(server, files.proxy.path)).toBe("");
  });
});

describe("an image baked on AWS", () => {
  const props: AwsImageProps = {
    region: "eu-central-1",
    subnetId: "subnet-0123456789abcdef0",
    instanceProfile: "image-builder",
  };
  const template = (more: Partial<AwsImageProps> = {}) =>
    JSON.parse(awsImageFiles({ ...props, ...more })["caravan.pkr.json"] ?? "");

  test("has every program, by the same script and versions as a node that installs", () => {
    const baked = awsImageFiles(props);
    expect(Object.keys(baked)).toEqual(["caravan.pkr.json", "install.sh", "software"]);
    expect(baked["install.sh"]).toBe(contentOf(server, files.install.path));
    const { WANTED: all, ...image } = sourced(baked["software"] ?? "");
    expect(all).toBe("vault consul nomad worker");
    const { WANTED: _, ...node } = sourced(contentOf(worker, files.software.path));
    expect(image).toEqual({
      ...node,
      REGISTRY_HELPER: "docker-credential-ecr-login",
      REGISTRY_PACKAGE: "amazon-ecr-credential-helper",
    });
  });

  test("is made without a public address, with IMDSv2, encrypted, and leaves nothing of its builder", () => {
    const { source, build } = template();
    expect(source["amazon-ebs"].node).toMatchObject({
      region: "eu-central-1",
      associate_public_ip_address: false,
      ssh_interface: "session_manager",
      encrypt_boot: true,
      imds_support: "v2.0",
      metadata_options: { http_tokens: "required", http_put_response_hop_limit: 1 },
      source_ami_filter: {
        owners: ["099720109477"],
        filters: { name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*", architecture: "x86_64" },
      },
      tags: { "caravan-vault": defaultVersions.vault, "caravan-nomad": defaultVersions.nomad },
    });
    expect(build.provisioner[1].shell.inline).toContain("cloud-init clean --logs --machine-id");
    expect(build.provisioner[0].file.sources).toEqual(["install.sh", "software"]);
  });

  test("for arm64, behind a proxy with a company's own authorities", () => {
    const { source, build } = template({
      architecture: "arm64",
      proxy: { url: "http://proxy.example.com:3128", except: [".example.com"] },
      caBundle: "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
      kmsKeyId: "alias/images",
    });
    expect(source["amazon-ebs"].node).toMatchObject({
      instance_type: "m7g.large",
      kms_key_id: "alias/images",
      source_ami_filter: {
        filters: { name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*", architecture: "arm64" },
      },
    });
    const own = { name: "acme-base-*", owner: "123456789012", user: "admin" };
    expect(template({ source: own }).source["amazon-ebs"].node).toMatchObject({
      ssh_username: "admin",
      source_ami_filter: { owners: ["123456789012"], filters: { name: "acme-base-*" } },
    });
    expect(build.provisioner[0].file.sources).toContain("caravan.crt");
    expect(build.provisioner[1].shell.environment_vars).toEqual([
      "http_proxy=http://proxy.example.com:3128",
      "https_proxy=http://proxy.example.com:3128",
      "no_proxy=localhost,.example.com",
    ]);
  });
});
