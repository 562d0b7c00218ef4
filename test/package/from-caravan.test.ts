import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const project = resolve(__dirname, "../..");
const page = readFileSync(join(project, "docs/from-caravan.md"), "utf8");

/** A section's words in backticks on the left side of its table. */
function named(title: string): Set<string> {
  const [, section = ""] = page.split(`## ${title}\n`);
  const [table = ""] = section.split("\n## ");
  const cells = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = ""]) => [...cell.matchAll(/`(\w+)`/g)]);
  return new Set(cells.map(([, name = ""]) => name));
}

const variables = `
  ami_filter_name awsprofile ca_certs consul_license_file control_plane_instance_count control_plane_machine_type
  csi_volumes dc_name enable_monitoring enable_nomad external_domain monitoring_machine_type nomad_license_file
  personal_ip_list ports prefix region shared_credentials_file ssh_username tfstate_bucket_name tfstate_region
  tfstate_table_name use_le_staging vault_license_file volume_data_size volume_root_size volume_size volume_type vpc_cidr
  vpc_private_subnets vpc_public_subnets worker_plane_machine_type workers_group_size`;

const outputs = `
  PROJECT_APPSUPP_TFVAR PROJECT_PLATFORM_TFVAR PROJECT_WORKLOAD_TFVAR ca_certs cluster_public_ips control_plane_iam_role_arns
  control_plane_role_name csi_volumes hashicorp_endpoints load_balancer_ip_address region vpc_id worker_node_service_account
  worker_plane_iam_role_arns worker_plane_role_name`;

test.each([
  ["Variables", variables],
  ["Outputs", outputs],
])("%s of the original are all there, and no others", (title, words) => {
  expect([...named(title)].sort()).toEqual(words.trim().split(/\s+/).sort());
});

/** What of the original's flaws concerns AWS. The others are GCP's and Azure's, and 32 is kept on purpose. */
const FLAWS = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31].concat([
  33, 34, 35, 36, 37, 38, 39, 40, 41, 43, 44, 45, 46,
]);

test("every flaw that concerns AWS names a test that exists", () => {
  const rows = [...page.matchAll(/^\| (\d+) +\|[^|]+\|[^|]+\| `([\w./-]+)`: "([^"]+)" +\|$/gm)];
  expect(rows.map(([, number]) => Number(number))).toEqual(FLAWS);
  for (const [, number, file = "", title = ""] of rows) {
    const path = join(project, "test", file);
    expect(existsSync(path), `${number}: ${file}`).toBe(true);
    expect(readFileSync(path, "utf8"), `${number}: ${file}`).toContain(title);
  }
});
