import { describe, expect, test } from "vitest";
import { awsImageFiles, azureImageFiles, gcpImageFiles, type ImageContents } from "../../lib/node";

const GALLERY = "/subscriptions/1/resourceGroups/images/providers/Microsoft.Compute/galleries/acme/images/node";
const SUBNET =
  "/subscriptions/1/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/main/subnets/builders";

const aws = (contents: ImageContents = {}) =>
  awsImageFiles({
    region: "eu-central-1",
    subnetId: "subnet-0123456789abcdef0",
    instanceProfile: "builder",
    ...contents,
  });
const azure = (more: object = {}) =>
  azureImageFiles({
    subscriptionId: "1",
    region: "westeurope",
    galleryImageId: GALLERY,
    imageVersion: "1.4.0",
    subnetId: SUBNET,
    ...more,
  });
const gcp = (more: object = {}) =>
  gcpImageFiles({
    project: "acme-images",
    zone: "europe-west3-a",
    subnetwork: "projects/acme-images/regions/europe-west3/subnetworks/builders",
    serviceAccount: "image-builder@acme-images.iam.gserviceaccount.com",
    ...more,
  });

interface Template {
  readonly packer: { readonly required_plugins: Readonly<Record<string, { readonly source: string }>> };
  readonly source: Readonly<Record<string, { readonly node: Readonly<Record<string, unknown>> }>>;
  readonly build: {
    readonly sources: readonly string[];
    readonly provisioner: readonly [
      { file: { sources: string[] } },
      { shell: { inline: string[]; environment_vars: string[] } },
    ];
  };
}

const templateOf = (files: Readonly<Record<string, string>>) => JSON.parse(files["caravan.pkr.json"] ?? "") as Template;
const settingsOf = (files: Readonly<Record<string, string>>) => Object.values(templateOf(files).source)[0]?.node ?? {};

describe.each([
  ["AWS", aws, "amazon"],
  ["Azure", azure, "azure"],
  ["Google Cloud", gcp, "googlecompute"],
] as const)("an image on %s", (_, files, plugin) => {
  const contents: ImageContents = {
    architecture: "arm64",
    caBundle: "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
    proxy: { url: "http://proxy.example.com:3128", except: [".example.com"] },
  };

  test("is baked by the script and the versions of a node that installs, whichever cloud it is for", () => {
    for (const given of [{}, contents]) {
      const [own, other] = [files(given), aws(given)];
      for (const name of ["install.sh", "software", "caravan.crt"]) expect(own[name]).toBe(other[name]);
    }
  });

  test("leaves nothing of its builder behind", () => {
    const { inline } = templateOf(files({})).build.provisioner[1].shell;
    expect(inline).toEqual(expect.arrayContaining([expect.stringContaining("/etc/ssh/ssh_host_*")]));
    expect(inline.indexOf("bash /tmp/install.sh")).toBeLessThan(inline.indexOf("cloud-init clean --logs --machine-id"));
  });

  test("takes the company's CA and proxy along", () => {
    const [file, { shell }] = templateOf(files(contents)).build.provisioner;
    expect(file.file.sources).toEqual(["install.sh", "software", "caravan.crt"]);
    expect(shell.environment_vars).toContain("no_proxy=localhost,.example.com");
  });

  test("names its plugin, and builds the one source that there is", () => {
    const { packer, source, build } = templateOf(files({}));
    expect(packer.required_plugins[plugin]?.source).toBe(`github.com/hashicorp/${plugin}`);
    expect(build.sources).toEqual(Object.keys(source).map((type) => `source.${type}.node`));
  });
});

test("Azure's builder has no public address, is trusted and encrypted, and makes a version of the gallery's image", () => {
  expect(settingsOf(azure({ diskEncryptionSetId: "/set" }))).toMatchObject({
    virtual_network_resource_group_name: "network",
    virtual_network_name: "main",
    virtual_network_subnet_name: "builders",
    private_virtual_network_with_public_ip: false,
    encryption_at_host: true,
    secure_boot_enabled: true,
    disk_encryption_set_id: "/set",
    image_sku: "server",
    shared_image_gallery_destination: {
      subscription: "1",
      resource_group: "images",
      gallery_name: "acme",
      image_name: "node",
      image_version: "1.4.0",
      target_region: [{ name: "westeurope", disk_encryption_set_id: "/set" }],
    },
  });
  expect(settingsOf(azure({ architecture: "arm64" }))).toMatchObject({
    image_sku: "server-arm64",
    vm_size: "Standard_D2ps_v6",
  });
  // The last of all: it takes the builder's user away.
  expect(templateOf(azure()).build.provisioner[1].shell.inline.slice(-2)).toEqual([
    "/usr/sbin/waagent -force -deprovision+user",
    "sync",
  ]);
  expect(() => azure({ subnetId: "builders" })).toThrow(/subnetId cannot be "builders"/);
  expect(() => azure({ galleryImageId: "node" })).toThrow(/galleryImageId cannot be "node"/);
});

test("Google's builder has no public address and no key of the project's, and names and labels as Google takes them", () => {
  const settings = settingsOf(gcp({ kmsKeyName: "projects/acme/locations/europe-west3/keyRings/k/cryptoKeys/images" }));
  expect(settings).toMatchObject({
    omit_external_ip: true,
    use_iap: true,
    use_os_login: true,
    metadata: { "block-project-ssh-keys": "TRUE" },
    enable_secure_boot: true,
    source_image_family: "ubuntu-2404-lts-amd64",
    source_image_project_id: ["ubuntu-os-cloud"],
    image_encryption_key: { kmsKeyName: "projects/acme/locations/europe-west3/keyRings/k/cryptoKeys/images" },
  });
  const name = String(settings["image_name"]).replace("${local.time}", "20261124-1200");
  expect(name).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
  for (const [key, value] of Object.entries(settings["image_labels"] as Record<string, string>)) {
    expect([key, value]).toEqual([
      expect.stringMatching(/^[a-z][a-z0-9_-]*$/),
      expect.stringMatching(/^[a-z0-9_-]{1,63}$/),
    ]);
  }
  expect(settingsOf(gcp({ architecture: "arm64" }))).toMatchObject({
    machine_type: "c4a-standard-2",
    disk_type: "hyperdisk-balanced",
    source_image_family: "ubuntu-2404-lts-arm64",
  });
});
