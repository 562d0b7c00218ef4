import {
  CertificateAuthority,
  type CertificateAuthorityConfig,
} from "@cdktf/provider-consul/lib/certificate-authority";
import { AuthBackend, type AuthBackendConfig } from "@cdktf/provider-vault/lib/auth-backend";
import {
  AwsAuthBackendClient,
  type AwsAuthBackendClientConfig,
} from "@cdktf/provider-vault/lib/aws-auth-backend-client";
import { AwsAuthBackendRole, type AwsAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/aws-auth-backend-role";
import { Mount, type MountConfig } from "@cdktf/provider-vault/lib/mount";
import {
  PkiSecretBackendRootCert,
  type PkiSecretBackendRootCertConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-root-cert";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { formatDuration, parseDuration } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { VaultPolicy, type VaultPolicyProps } from "../vault/policy";

/** How Consul's servers sign in to Vault: by what they are, or by a file that stands on them. No token is in the configuration. */
export type MeshAuthMethod =
  | {
      /** By the AWS role of the servers. */
      readonly type: "aws";
      /** Role of Vault. */
      readonly role: string;
      readonly region: string;
      /**
       * Where Vault's method asks for it. Consul 1.22 does not send it: https://github.com/hashicorp/consul/issues/23297
       *
       * @default - none
       */
      readonly headerValue?: string;
      /** @default "aws" */
      readonly mountPath?: string;
    }
  | {
      readonly type: "approle";
      /** File on Consul's servers, below `/run/secrets`: Consul reads no other place. */
      readonly roleIdFile: string;
      /** The same for the secret. @default - the role asks for none */
      readonly secretIdFile?: string;
      /** @default "approle" */
      readonly mountPath?: string;
    }
  | {
      /** By the service account of the pod that Consul's server is. */
      readonly type: "kubernetes";
      readonly role: string;
      /** @default "kubernetes" */
      readonly mountPath?: string;
    }
  | {
      readonly type: "jwt";
      readonly role: string;
      /** File on Consul's servers, below `/run/secrets`, with the signed token. */
      readonly tokenFile: string;
      /** @default "jwt" */
      readonly mountPath?: string;
    };

/** A root of the mesh. */
export interface MeshRoot {
  /** How long its certificate is valid. @default "3650d" */
  readonly lifetime?: string;
}

/** The certificate authority of Consul's mesh, in Vault, on a root of its own. */
export interface MeshAuthority {
  /**
   * Its roots, by name, each in an engine of its own. A rotation adds one, makes it `active`, and drops the former when the
   * last certificate below it has ended: three applies. A name is never given anew.
   *
   * @default - one, `"1"`
   */
  readonly roots?: Readonly<Record<string, MeshRoot>>;
  /** @default - the only one */
  readonly active?: string;
  /** How long a workload's certificate is valid. Consul renews it at half of that. @default "72h" */
  readonly leafCertTtl?: string;
  /** How long the certificate of the datacenter's own authority below the root is valid. @default "8760h" */
  readonly intermediateCertTtl?: string;
  /**
   * How Consul's servers sign in. The role of Vault that they take must give the policy `mesh-authority`.
   *
   * @default - on AWS, on servers of this library, by their own role; elsewhere it must be said
   */
  readonly authMethod?: MeshAuthMethod;
  /** File on Consul's servers with the certificates by which they trust Vault. @default - the cluster's; elsewhere the system's */
  readonly caFile?: string;
  /** Changes to the props of the inner resources. @default - none */
  readonly transform?: MeshAuthorityTransform;
}

/** Policy of Vault by which Consul's servers sign for the mesh. */
export const meshPolicy = "mesh-authority";

/** Mount of a root of the mesh. */
export const meshRootMount = (name: string) => `pki-mesh-root-${name}`;

/** Mount in which Consul keeps the datacenter's own authority, which signs for workloads. */
export const meshIntermediateMount = "pki-mesh";

/** Mount of the method by which Consul's servers of this library sign in. */
export const meshAuthMount = "mesh";

export const DEFAULT_MESH_ROOTS: Readonly<Record<string, MeshRoot>> = { "1": {} };

export interface ConsulMeshAuthorityProps extends Omit<MeshAuthority, "authMethod"> {
  readonly authMethod: MeshAuthMethod;
  /** The machines' address of Vault. */
  readonly vaultAddress: string;
  readonly environment: string;
  /** How this layer lets Consul's servers in itself. @default - somebody else has */
  readonly signIn?: MeshSignIn;
}

/** A method of Vault by which Consul's servers sign in, and nobody else. */
export interface MeshSignIn {
  /** Roles of AWS that they have. */
  readonly roleArns: string[];
  /** Whether Vault asks IAM for their unique ids. */
  readonly resolveUniqueIds: boolean;
  /** Where Vault asks who they are. */
  readonly stsEndpoint: string;
}

export interface MeshAuthorityTransform {
  readonly root?: Transform<MountConfig>;
  readonly rootCertificate?: Transform<PkiSecretBackendRootCertConfig>;
  readonly intermediate?: Transform<MountConfig>;
  readonly policy?: Transform<VaultPolicyProps>;
  readonly signIn?: Transform<AuthBackendConfig>;
  readonly client?: Transform<AwsAuthBackendClientConfig>;
  readonly role?: Transform<AwsAuthBackendRoleConfig>;
  readonly authority?: Transform<CertificateAuthorityConfig>;
}

/**
 * Consul's certificate authority kept in Vault. Vault has the roots; Consul's servers may have an authority of the datacenter
 * signed by the active one, and, while a root is followed by another, the new one by the old. So workloads trust both until
 * the last certificate of the old one has ended, and no connection is lost.
 *
 * https://developer.hashicorp.com/consul/docs/secure-mesh/certificate/vault
 */
export class ConsulMeshAuthority extends Construct {
  constructor(scope: Construct, id: string, props: ConsulMeshAuthorityProps) {
    super(scope, id);
    const { roots = DEFAULT_MESH_ROOTS, active = Object.keys(roots)[0] ?? "", transform } = props;
    const intermediateTtl = props.intermediateCertTtl ?? "8760h";
    const made = Object.entries(roots).map(([name, root]) => this.root(name, root, name === active, props));
    const intermediate = new Mount(
      this,
      "intermediate",
      transformed(transform?.intermediate, {
        path: meshIntermediateMount,
        type: "pki",
        description: "Authority of the mesh in this datacenter, which Consul keeps",
        // As Consul sets it, too.
        maxLeaseTtlSeconds: parseDuration(intermediateTtl, "s"),
      }),
    );
    protect(intermediate);
    const policy = new VaultPolicy(
      this,
      "policy",
      transformed(transform?.policy, { name: meshPolicy, rules: meshRules(Object.keys(roots)) }),
    );
    const signIn = this.signIn(props);
    const authority = new CertificateAuthority(
      this,
      "Default",
      transformed(transform?.authority, {
        connectProvider: "vault",
        configJson: hcl.json(sorted(consulConfiguration({ ...props, intermediateTtl, active }))),
      }),
    );
    authority.node.addDependency(intermediate, policy, ...made, ...signIn);
  }

  private root(
    name: string,
    { lifetime = "3650d" }: MeshRoot,
    isActive: boolean,
    { environment, transform }: ConsulMeshAuthorityProps,
  ): PkiSecretBackendRootCert {
    const mount = new Mount(
      this,
      `root-${name}`,
      transformed(transform?.root, {
        path: meshRootMount(name),
        type: "pki",
        description: `Root ${name} of the mesh`,
        maxLeaseTtlSeconds: parseDuration(lifetime, "s"),
      }),
    );
    if (isActive) protect(mount);
    return new PkiSecretBackendRootCert(
      this,
      `root-${name}-certificate`,
      transformed(transform?.rootCertificate, {
        backend: mount.path,
        type: "internal",
        commonName: `Mesh root ${name} of ${environment}`,
        ttl: String(parseDuration(lifetime, "s")),
        // What Consul takes where its configuration says nothing of keys.
        keyType: "ec",
        keyBits: 256,
      }),
    );
  }

  /** A method of its own: Consul does not send what that of the nodes asks for. */
  private signIn({ authMethod, signIn, transform }: ConsulMeshAuthorityProps): Construct[] {
    if (signIn === undefined || authMethod.type !== "aws") return [];
    const mount = new AuthBackend(
      this,
      "sign-in",
      transformed(transform?.signIn, {
        path: authMethod.mountPath ?? "aws",
        type: "aws",
        description: "Sign-in of Consul's servers for the mesh",
      }),
    );
    const client = new AwsAuthBackendClient(
      this,
      "sign-in-client",
      transformed(transform?.client, {
        backend: mount.path,
        stsEndpoint: signIn.stsEndpoint,
        stsRegion: authMethod.region,
      }),
    );
    const role = new AwsAuthBackendRole(
      this,
      "role",
      transformed(transform?.role, {
        backend: mount.path,
        role: authMethod.role,
        authType: "iam",
        boundIamPrincipalArns: signIn.roleArns,
        resolveAwsUniqueIds: signIn.resolveUniqueIds,
        tokenPolicies: [meshPolicy],
        // Consul renews it, and signs in again when that ends.
        tokenTtl: parseDuration("1h", "s"),
        tokenMaxTtl: parseDuration("24h", "s"),
      }),
    );
    role.node.addDependency(client);
    return [client, role];
  }
}

/** Consul may have authorities signed, and keep its own; it makes and removes no engine. */
function meshRules(roots: readonly string[]): VaultPolicyProps["rules"] {
  const inter = meshIntermediateMount;
  return [
    ...roots.map(meshRootMount).flatMap((root): VaultPolicyProps["rules"] => [
      { path: `sys/mounts/${root}`, capabilities: ["read"] },
      { path: `${root}/`, capabilities: ["read"] },
      { path: `${root}/root/sign-intermediate`, capabilities: ["update"] },
      // The old root signs the new one.
      { path: `${root}/root/sign-self-issued`, capabilities: ["update", "sudo"] },
    ]),
    { path: `sys/mounts/${inter}`, capabilities: ["read"] },
    { path: `sys/mounts/${inter}/tune`, capabilities: ["read", "update"] },
    { path: `${inter}/*`, capabilities: ["create", "read", "update", "delete", "list"] },
    { path: "auth/token/renew-self", capabilities: ["update"] },
    { path: "auth/token/lookup-self", capabilities: ["read"] },
  ];
}

function consulConfiguration({
  vaultAddress,
  caFile,
  authMethod,
  active,
  leafCertTtl,
  intermediateTtl,
}: ConsulMeshAuthorityProps & { readonly active: string; readonly intermediateTtl: string }): object {
  return {
    Address: vaultAddress,
    ...(caFile === undefined ? {} : { CAFile: caFile }),
    AuthMethod: {
      Type: authMethod.type,
      MountPath: authMethod.mountPath ?? authMethod.type,
      Params: paramsOf(authMethod),
    },
    RootPKIPath: meshRootMount(active),
    IntermediatePKIPath: meshIntermediateMount,
    LeafCertTTL: formatDuration(leafCertTtl ?? "72h"),
    IntermediateCertTTL: formatDuration(intermediateTtl),
  };
}

function paramsOf(method: MeshAuthMethod): Record<string, string> {
  switch (method.type) {
    case "aws": {
      const { role, region, headerValue } = method;
      return { type: "iam", role, region, ...(headerValue === undefined ? {} : { header_value: headerValue }) };
    }
    case "approle": {
      const { roleIdFile, secretIdFile } = method;
      return {
        role_id_file_path: roleIdFile,
        ...(secretIdFile === undefined ? {} : { secret_id_file_path: secretIdFile }),
      };
    }
    case "kubernetes":
      return { role: method.role };
    case "jwt":
      return { role: method.role, path: method.tokenFile };
  }
}

/** Consul's provider compares texts, and reads one whose keys are sorted. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
