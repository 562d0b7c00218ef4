import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hcl } from "../../../lib/core";
import { serverLibrary } from "../../../lib/node";
import { Match, type Template } from "../../../lib/testing";
import { addressOf, grantsOf, principalOf } from "./grants";
import { cluster, common, DISKS, documentOf, only, SET, serverTemplate } from "./node-group-stack";
import { idOf, refusal } from "./place";

function ofCount(count: 1 | 3 | 5, props: object = {}, deletionProtection = true): Template {
  const servers = { main: { ...cluster.servers["main"], runs: ["vault", "consul", "nomad"] as const, count } };
  return serverTemplate({ cluster: { ...cluster, servers }, ...props }, deletionProtection);
}

describe("a group of three servers", () => {
  const template = serverTemplate();
  const set = only(template, SET);

  test("starts a server anew only when its machine is gone: no repair, no upgrade, no probe", () => {
    expect(set).toMatchObject({
      name: "caravan-prod-server-main",
      instances: 3,
      zones: ["1", "2", "3"],
      zone_balance: true,
      upgrade_mode: "Manual",
      overprovision: false,
      single_placement_group: true,
      lifecycle: { prevent_destroy: true, ignore_changes: ["instances"] },
    });
    for (const absent of ["automatic_instance_repair", "automatic_os_upgrade_policy", "health_probe_id", "extension"]) {
      expect(set).not.toHaveProperty(absent);
    }
  });

  test("has at least three, room for their successors, and never shrinks by itself: no rule scales it", () => {
    expect(only(template, "azurerm_monitor_autoscale_setting")).toMatchObject({
      target_resource_id: `\${${addressOf(template, SET, "server-main_machines")}.id}`,
      profile: [{ capacity: { default: 3, minimum: 3, maximum: 10 } }],
    });
    const [profile] = only(template, "azurerm_monitor_autoscale_setting")["profile"] as object[];
    expect(profile).not.toHaveProperty("rule");
  });

  test("lets a server leave first", () => {
    expect(set["termination_notification"]).toEqual({ enabled: true, timeout: "PT10M" });
  });

  test("has no public address, and the interfaces that the firewall knows", () => {
    const [nic] = set["network_interface"] as { ip_configuration: object[] }[];
    expect(nic).toMatchObject({
      network_security_group_id: common.securityGroupId,
      enable_accelerated_networking: true,
    });
    expect(nic?.ip_configuration).toEqual([
      {
        name: "nodes",
        primary: true,
        subnet_id: common.subnetId,
        application_security_group_ids: common.applicationSecurityGroupIds,
        load_balancer_backend_address_pool_ids: [],
        application_gateway_backend_address_pool_ids: [],
      },
    ]);
  });

  test("proves what it started from, and keeps its disks encrypted with the data key and on the host", () => {
    expect(set).toMatchObject({
      secure_boot_enabled: true,
      vtpm_enabled: true,
      encryption_at_host_enabled: true,
      os_disk: { disk_encryption_set_id: DISKS, storage_account_type: "Premium_LRS", disk_size_gb: 30 },
      data_disk: [
        { lun: 10, disk_size_gb: 20, caching: "None", create_option: "Empty", disk_encryption_set_id: DISKS },
      ],
    });
    expect(documentOf(template)).toContain('CARAVAN_DATA_DEVICE=\\"10\\"');
  });

  test("is born with its library", () => {
    const { key } = serverLibrary({ ...cluster, role: "server", group: "main", dataDevice: "10" });
    expect(documentOf(template)).toContain(key.slice("library/".length));
    expect(documentOf(template)).toContain("/var/lib/caravan/library");
  });

  test("starts from one version of an image, looked up at every plan", () => {
    expect(set["source_image_reference"]).toMatchObject({
      publisher: "Canonical",
      offer: "ubuntu-24_04-lts",
      sku: "server",
      version: `\${${addressOf(template, "data.azurerm_platform_image", "server-main_image")}.version}`,
    });
  });

  test("goes in a teardown", () => {
    expect(only(serverTemplate({}, false), SET)["lifecycle"]).toMatchObject({ prevent_destroy: false });
  });
});

test("nobody can sign in: the only key was found on the curve, not made", () => {
  const set = only(serverTemplate(), SET);
  expect(set["disable_password_authentication"]).toBe(true);
  expect(set).not.toHaveProperty("admin_password");
  const [{ public_key }] = set["admin_ssh_key"] as [{ public_key: string }];
  const bytes = Buffer.from(public_key.split(" ")[1] ?? "", "base64").subarray(-32);
  const found = [0, 1, 2, 3].map((n) => createHash("sha256").update(`cdktf-caravan: nobody signs in ${n}`).digest());
  expect(found.findIndex(isPoint)).toBe(2);
  expect(bytes).toEqual(found[2]);
});

/** Whether bytes are a point of Ed25519: https://www.rfc-editor.org/rfc/rfc8032#section-5.1.3 */
function isPoint(bytes: Buffer): boolean {
  const p = 2n ** 255n - 19n;
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, ((base % p) + p) % p];
    for (let left = exponent; left > 0n; left >>= 1n, square = (square * square) % p) {
      if (left & 1n) result = (result * square) % p;
    }
    return result;
  };
  const inverse = (x: bigint) => power(x, p - 2n);
  const d = (-121665n * inverse(121666n)) % p;
  const y = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`) & (2n ** 255n - 1n);
  return y < p && power((y * y - 1n) * inverse(d * y * y + 1n), (p - 1n) / 2n) === 1n;
}

describe("a lone server", () => {
  const template = ofCount(1);
  const disk = addressOf(template, "azurerm_managed_disk", "server-main_data-volume");

  test("has its data on a disk that outlives it, in its zone, and that nobody downloads", () => {
    expect(template.resource(disk)).toMatchObject({
      name: "caravan-prod-server-main-data",
      zone: "1",
      disk_size_gb: 20,
      storage_account_type: "Premium_LRS",
      network_access_policy: "DenyAll",
      public_network_access_enabled: false,
      disk_encryption_set_id: DISKS,
      lifecycle: { prevent_destroy: true },
    });
    expect(only(template, SET)).toMatchObject({ instances: 1, zones: ["1"] });
    for (const absent of ["data_disk", "zone_balance"]) expect(only(template, SET)).not.toHaveProperty(absent);
  });

  test("may attach that disk to machines of its group, and nothing else", () => {
    const grants = grantsOf(template, principalOf(template, "identity-server-main"));
    expect(grants.map(({ right, scope }) => [right, scope]).sort()).toEqual([
      ["attach-data", `\${${addressOf(template, SET, "server-main_machines")}.id}`],
      ["find-peers", Match.present()],
      ["use-disk", `\${${disk}.id}`],
    ]);
  });
});

test("five are five, of the size and processor that is said", () => {
  const template = ofCount(5, { instanceType: "Standard_D4pds_v5", dataDiskSize: "64GiB", diskSize: "40GiB" });
  expect(only(template, SET)).toMatchObject({
    sku: "Standard_D4pds_v5",
    instances: 5,
    // ARM's processors prove nothing before their sixth version.
    secure_boot_enabled: false,
    vtpm_enabled: false,
    os_disk: { disk_size_gb: 40 },
    data_disk: [{ disk_size_gb: 64 }],
    source_image_reference: { sku: "server-arm64" },
  });
});

test("a region without zones has fault domains instead", () => {
  const set = only(serverTemplate({ zones: [] }), SET);
  expect(set).not.toHaveProperty("zones");
  expect(set["platform_fault_domain_count"]).toBe(5);
});

test("pools of balancers are its own to name", () => {
  const backendPoolIds = [idOf("Microsoft.Network/loadBalancers/machine/backendAddressPools/main")];
  const gatewayPoolIds = [idOf("Microsoft.Network/applicationGateways/people/backendAddressPools/main")];
  const [nic] = only(serverTemplate({ backendPoolIds, gatewayPoolIds }), SET)["network_interface"] as [
    { ip_configuration: object[] },
  ];
  expect(nic.ip_configuration).toMatchObject([
    {
      load_balancer_backend_address_pool_ids: backendPoolIds,
      application_gateway_backend_address_pool_ids: gatewayPoolIds,
    },
  ]);
});

test("an image of a gallery is looked up for its processor and generation; another subscription's is taken as it is", () => {
  const own = `/subscriptions/${cluster.cloud.subscriptionId}/resourceGroups/images/providers/Microsoft.Compute/galleries/acme/images/node/versions/1.2.3`;
  const template = serverTemplate({ imageId: own });
  template.hasResource("data.azurerm_shared_image", {
    name: "node",
    lifecycle: { postcondition: [{ condition: '${self.hyper_v_generation == "V2" && self.architecture == "x64"}' }] },
  });
  expect(String(only(template, SET)["source_image_id"])).toContain("data.azurerm_shared_image_version");
  const elsewhere = own.replace(cluster.cloud.subscriptionId, "99999999-2222-3333-4444-555555555555");
  expect(only(serverTemplate({ imageId: elsewhere }), SET)["source_image_id"]).toBe(elsewhere);
});

test("a transform has the last word", () => {
  const template = serverTemplate({
    transform: { scaleSet: { sku: "Standard_E2s_v5" }, bounds: (props) => ({ ...props, enabled: false }) },
  });
  expect(only(template, SET)["sku"]).toBe("Standard_E2s_v5");
  expect(only(template, "azurerm_monitor_autoscale_setting")["enabled"]).toBe(false);
});

test("what Terraform knows later comes as it is", () => {
  const diskEncryptionSetId = hcl.callString("tostring", "x");
  expect(only(serverTemplate({ diskEncryptionSetId }), SET)["os_disk"]).toMatchObject({
    disk_encryption_set_id: '${tostring("x")}',
  });
});

test.each<[string, object]>([
  ["group", { group: "other" }],
  ["instanceType", { instanceType: "m7i.large" }],
  ["images.arm64", { instanceType: "Standard_D2ps_v5", images: { x86_64: "Canonical:a:b:1.0.0" } }],
  ["imageId", { imageId: "Canonical:ubuntu-24_04-lts:server:latest" }],
  ["subnetId", { subnetId: "nodes" }],
  ["zones[0]", { zones: ["4"] }],
  ["securityGroupId", { securityGroupId: "nodes" }],
  ["applicationSecurityGroupIds[0]", { applicationSecurityGroupIds: ["main"] }],
  ["backendPoolIds[0]", { backendPoolIds: [idOf("Microsoft.Network/loadBalancers/machine")] }],
  ["gatewayPoolIds[0]", { gatewayPoolIds: ["people"] }],
  ["diskEncryptionSetId", { diskEncryptionSetId: "disks" }],
  ["diskSize", { diskSize: "5GiB" }],
  ["dataDiskSize", { dataDiskSize: "20GB" }],
  ["cluster.cloud.name", { cluster: { ...cluster, cloud: { name: "aws", region: "eu-central-1" } } }],
])("a wrong %s is named", (property, change) => {
  expect(refusal(() => serverTemplate(change))).toContain(`  ${property}: given`);
});
