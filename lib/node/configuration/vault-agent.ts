import { ports } from "../../core/traffic";
import { certificateLifetime, certificateNames } from "../certificates";
import { VAULT_RESOURCE } from "../cloud/azure";
import { byCloud } from "../cloud/clouds";
import { consulRoles, nodeSecrets, pkiRole, vaultMounts } from "../names";
import { machineHost, type NodeProps, nodeRoleName, runsOf } from "../node-props";
import { files, type NodePath } from "../paths";
import type { Product } from "../products";
import { type ConfigurationBlock, merged } from "./block";

/**
 * Configuration of Vault Agent: signs in with the node's cloud identity and writes certificates, and on a worker the gossip key,
 * Consul's tokens and Nomad's introduction. It runs no command: path units see what it wrote.
 */
export function vaultAgentConfiguration(props: NodeProps): ConfigurationBlock {
  const host = machineHost(props, "vault");
  const base: ConfigurationBlock = {
    vault: {
      address: `https://${host}:${ports.vault}`,
      ca_cert: files.clusterCa.path,
      tls_server_name: host,
    },
    auto_auth: {
      method: [
        {
          type: props.cloud.name,
          mount_path: `auth/${vaultMounts.nodeAuth}`,
          min_backoff: "1s",
          max_backoff: "1m",
          config: signIn(props, host),
        },
      ],
    },
    template_config: { exit_on_retry_failure: false, static_secret_render_interval: "5m" },
    template: [
      ...runsOf(props).map((product) => certificate(props, product)),
      ...(props.role === "worker" ? runsOf(props).map((product) => secrets(props.group, product, runsOf(props))) : []),
      ...(props.role === "worker" && runsOf(props).includes("nomad") ? [introduction(props.group)] : []),
    ],
    log_level: "info",
    log_format: "json",
  };
  return merged(base, props.extend?.vaultAgent);
}

function signIn(props: NodeProps, host: string): ConfigurationBlock {
  const role = nodeRoleName(props.role, props.group);
  return byCloud<ConfigurationBlock>(props.cloud, {
    aws: ({ region }) => ({ type: "iam", role, region, header_value: host }),
    azure: () => ({ role, resource: VAULT_RESOURCE }),
    gcp: () => ({ type: "gce", role }),
  });
}

const certificateFiles: Readonly<Record<Product, NodePath>> = {
  vault: files.vaultCertificate,
  consul: files.consulCertificate,
  nomad: files.nomadCertificate,
};

/**
 * Certificate, CA and key in one file: with a file for the key alone, a restart of the agent leaves it empty, since the certificate
 * is taken from disk then. The certificate stands first: Nomad 1.11 reads no file that begins with a key.
 */
function certificate(props: NodeProps, product: Product): ConfigurationBlock {
  const { commonName, dnsNames, addresses } = certificateNames(props, props.role, product);
  const file = certificateFiles[product];
  const path = `${vaultMounts.pki}/issue/${pkiRole(product, props.role)}`;
  const parameters = [
    `common_name=${commonName}`,
    `alt_names=${dnsNames.slice(1).join(",")}`,
    `ttl=${certificateLifetime}`,
  ].map((parameter) => JSON.stringify(parameter));
  const own = `(printf "ip_sans=${addresses.join(",")},%s" (sockaddr "GetPrivateIP"))`;
  return template(
    file,
    `{{ with pkiCert ${[JSON.stringify(path), ...parameters, own].join(" ")} }}{{ .Cert }}{{ .CA }}{{ .Key }}{{ end }}`,
  );
}

function secrets(group: string, product: Product, runs: readonly Product[]): ConfigurationBlock {
  if (product === "consul") {
    return template(
      files.consulSecret,
      `{"encrypt":${keyValue(nodeSecrets.consulGossip)},` +
        `"acl":{"tokens":{"agent":${consulToken(consulRoles.agent(group))},"dns":${consulToken(consulRoles.dns)}}}}`,
    );
  }
  // Clients of Nomad take no part in gossip.
  const token = runs.includes("consul") ? `"consul":{"token":${consulToken(consulRoles.nomadClient(group))}}` : "";
  return template(files.nomadSecret, `{${token}}`);
}

function introduction(group: string): ConfigurationBlock {
  const { path, field } = nodeSecrets.introduction(group);
  return template(
    files.nomadIntroduction,
    `{{ with secret ${JSON.stringify(`${vaultMounts.secrets}/data/${path}`)} }}{{ .Data.data.${field} }}{{ end }}`,
  );
}

function keyValue({ path, field }: { readonly path: string; readonly field: string }): string {
  return `{{ with secret ${JSON.stringify(`${vaultMounts.secrets}/data/${path}`)} }}{{ .Data.data.${field} | toJSON }}{{ end }}`;
}

function consulToken(role: string): string {
  return `{{ with secret ${JSON.stringify(`${vaultMounts.consul}/creds/${role}`)} }}{{ .Data.token | toJSON }}{{ end }}`;
}

function template(file: NodePath, contents: string): ConfigurationBlock {
  return { destination: file.path, perms: file.mode, contents, error_on_missing_key: true };
}
