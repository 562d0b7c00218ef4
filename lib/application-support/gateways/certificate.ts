import { Mount } from "@cdktf/provider-vault/lib/mount";
import { PkiSecretBackendRole } from "@cdktf/provider-vault/lib/pki-secret-backend-role";
import { PkiSecretBackendRootCert } from "@cdktf/provider-vault/lib/pki-secret-backend-root-cert";
import { Construct } from "constructs";
import { parseDuration } from "../../core/values";
import type { Template } from "../../nomad/spec";
import type { PlatformContract } from "../../platform/contract";
import { addWorkloadRole } from "../../platform/identity/workloads";
import { VaultPolicy } from "../../platform/vault/policy";
import { supportNamespaces } from "../namespaces";

/**
 * Where the gateway's certificate is from:
 *
 * - `"vault"`: an authority of its own in Vault, whose key never leaves it. For gateways behind a balancer that encrypts
 *   anew and has the certificate that browsers know.
 * - a secret: what somebody else keeps there, by ACME or by hand. Its path is below the gateway's own secrets,
 *   `secret/caravan-gateways/api-gateway/`; its fields are `certificate` (with the chain) and `private_key`, in PEM.
 */
export type GatewayCertificate = "vault" | { readonly secret: string };

export interface CertificateSourceProps {
  readonly platform: PlatformContract;
  readonly appsDomain: string;
  readonly jobId: string;
  readonly certificate: GatewayCertificate;
}

const MOUNT = "pki-gateways";
const LIFE = "720h";

/** File in the task; one for both, so that they never differ. */
export const CERTIFICATE_FILE = "/secrets/tls.pem";

/** What makes the gateway's certificate, or the right to read it. */
export class CertificateSource extends Construct {
  /** Role with which the job signs in to Vault. */
  readonly vaultRole: string;
  readonly template: Template;

  constructor(scope: Construct, id: string, { platform, appsDomain, jobId, certificate }: CertificateSourceProps) {
    super(scope, id);
    const { kvMount, workloads } = platform.static;
    // Envoy watches its files itself.
    const file = { destination: "secrets/tls.pem", changeMode: "noop" } as const;
    if (certificate !== "vault") {
      const path = `${kvMount}/data/${supportNamespaces.gateways}/${jobId}/${certificate.secret}`;
      const fields = "{{ .Data.data.private_key }}\n{{ .Data.data.certificate }}";
      this.vaultRole = workloads.vaultRole;
      this.template = { ...file, data: `{{ with secret "${path}" }}${fields}{{ end }}\n` };
      return;
    }
    const authority = new Mount(this, "mount", {
      path: MOUNT,
      type: "pki",
      description: "Certificates of gateways",
      maxLeaseTtlSeconds: parseDuration("87600h", "s"),
    });
    const root = new PkiSecretBackendRootCert(this, "root", {
      backend: authority.path,
      type: "internal",
      commonName: `Gateways of ${platform.static.environment}`,
      ttl: String(parseDuration("87600h", "s")),
      keyType: "ec",
      keyBits: 256,
    });
    const role = new PkiSecretBackendRole(this, "role", {
      backend: authority.path,
      name: jobId,
      allowedDomains: [appsDomain],
      allowSubdomains: true,
      allowWildcardCertificates: true,
      keyType: "ec",
      keyBits: 256,
      serverFlag: true,
      clientFlag: false,
      maxTtl: String(parseDuration(LIFE, "s")),
      noStore: true,
    });
    role.node.addDependency(root);
    const issue = `${MOUNT}/issue/${jobId}`;
    const policy = new VaultPolicy(this, "policy", {
      name: `${supportNamespaces.gateways}-${jobId}`,
      rules: [{ path: issue, capabilities: ["create", "update"] }],
    });
    this.vaultRole = `${supportNamespaces.gateways}-${jobId}`;
    addWorkloadRole(this, "workload-role", {
      mount: workloads.vaultMount,
      claim: workloads.vaultClaim,
      name: this.vaultRole,
      policies: [policy.policyName],
      bound: { namespace: supportNamespaces.gateways, jobs: [jobId] },
    });
    const asked = [issue, `common_name=*.${appsDomain}`, `ttl=${LIFE}`].map((part) => JSON.stringify(part)).join(" ");
    this.template = { ...file, data: `{{ with pkiCert ${asked} }}{{ .Key }}{{ .Cert }}{{ .CA }}{{ end }}\n` };
  }
}
