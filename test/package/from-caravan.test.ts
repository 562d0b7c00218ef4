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

const platformVariables = `
  approle_role_name approle_token_policies auth_providers azure_csi bootstrap_state_backend_provider
  bootstrap_state_bucket_name_prefix bootstrap_state_object_name_prefix ca_cert_file consul_endpoint consul_insecure_https
  consul_internal_address control_plane_role_name custom_vault_policies_path enable_nomad gcp_csi gcp_region
  google_account_file gsuite_allowed_redirect_uris gsuite_authenticate gsuite_client_id gsuite_client_secret
  gsuite_default_role gsuite_default_role_policies gsuite_domain nomad_endpoint vault_endpoint vault_skip_tls_verify
  worker_plane_role_name`;

const moduleVariables = `
  agent_auto_auth_type approle_auto_auth approle_role_name approle_token_policies auth_providers aws_access_key aws_auto_auth
  aws_cluster_node_iam_role_arns aws_node_role aws_region aws_secret_key aws_vpc_id aws_worker_node_iam_role_arns
  azure_auto_auth azure_csi azure_node_role azure_resource ca_cert cluster_nodes cluster_nodes_ids cluster_nodes_public_ips
  consul_address consul_home control_plane_nodes control_plane_nodes_ids control_plane_nodes_public_ips
  control_plane_role_name control_plane_token_policies_name control_plane_vault_role dc_name enable_nomad encryption_key
  gcp_auto_auth gcp_control_plane_service_accounts gcp_csi gcp_node_role gcp_pd_csi_sa_key gcp_project_id
  gcp_service_account gcp_worker_plane_service_accounts gsuite_allowed_redirect_uris gsuite_client_id gsuite_client_secret
  gsuite_default_role gsuite_default_role_policies gsuite_domain license nodes nodes_ids nomad_home oci_auto_auth
  oci_node_role oci_role_name prefix service_dashboard_url_template ssh_bastion_host ssh_bastion_port
  ssh_bastion_private_key ssh_bastion_user ssh_private_key ssh_timeout ssh_user tcp_listener tcp_listener_tls unseal_type
  vault_address vault_endpoint vault_home worker_plane_role_name worker_plane_token_policies_name`;

const moduleOutputs =
  "consul_address consul_enc_key control_plane_policies vault_address vault_token worker_plane_policies";

test.each([
  ["Variables", variables],
  ["Outputs", outputs],
  ["Variables of `caravan-platform`", platformVariables],
  ["Variables of the modules of Vault, Consul and Nomad", moduleVariables],
  ["Outputs of the modules of Vault, Consul and Nomad", moduleOutputs],
])("%s of the original are all there, and no others", (title, words) => {
  expect([...named(title)].sort()).toEqual(words.trim().split(/\s+/).sort());
});

test("every module of the platform's repositories is there", () => {
  const [, section = ""] = page.split("# The platform's repositories\n");
  const modules = ["caravan-bootstrap", "caravan-platform", "caravan-consul//consul-cluster"].concat(
    ["cluster-raft", "agent", "default-policies", "vault-authentication", "secrets", "vault-consul-config"].map(
      (name) => `caravan-vault//${name}`,
    ),
    ["nomad-cluster", "nomad-policies"].map((name) => `caravan-nomad//${name}`),
  );
  for (const name of modules) expect(section).toContain(`\`${name}\``);
});

/** 32 is kept on purpose: no cloud replaces a server because of what runs on it. */
const FLAWS = Array.from({ length: 46 }, (_, index) => index + 1).filter((flaw) => flaw !== 32);

test("every flaw of the original names a test that exists", () => {
  const rows = [...page.matchAll(/^\| (\d+) +\|[^|]+\|[^|]+\| `([\w./-]+)`: "([^"]+)" +\|$/gm)];
  expect(rows.map(([, number]) => Number(number))).toEqual(FLAWS);
  for (const [, number, file = "", title = ""] of rows) {
    const path = join(project, "test", file);
    expect(existsSync(path), `${number}: ${file}`).toBe(true);
    expect(readFileSync(path, "utf8"), `${number}: ${file}`).toContain(title);
  }
});
