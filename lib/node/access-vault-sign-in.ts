import { type AccessProps, nodeFact } from "./access-props";
import type { Settings, VaultObject } from "./access-vault-objects";
import { awsPartition } from "./cloud/aws-partition";
import { VAULT_RESOURCE } from "./cloud/azure";
import { type AwsCloud, type AzureCloud, byCloud } from "./cloud/clouds";
import { vaultMounts } from "./names";
import { machineHost, nodeRoleName } from "./node-props";

/** Somebody with an identity of the cloud. Its policy has its name. */
interface Identity {
  readonly name: string;
  /** Identity of the cloud, or a fact that is a list of them. */
  readonly principals: string;
  readonly ttl: string;
}

/** Nodes sign in as their group. */
export function nodeSignIn(props: AccessProps): VaultObject[] {
  const groups = [
    ...Object.keys(props.servers).map((group) => ["server", group] as const),
    ...Object.keys(props.workers).map((group) => ["worker", group] as const),
  ];
  return signIn(
    props,
    vaultMounts.nodeAuth,
    groups.map(([role, group]) => ({
      name: nodeRoleName(role, group),
      principals: nodeFact.role(role, group),
      ttl: "1h",
    })),
  );
}

/** CI signs in as the one that applies or the one that plans. */
export function ciSignIn(props: AccessProps): VaultObject[] {
  return signIn(props, vaultMounts.deployerAuth, [
    { name: "deployer", principals: nodeFact.deployerRoles, ttl: "30m" },
    { name: "planner", principals: nodeFact.plannerRoles, ttl: "30m" },
  ]);
}

function signIn(props: AccessProps, path: string, identities: readonly Identity[]): VaultObject[] {
  const { cloud } = props;
  const auth = (description: string): VaultObject => ({
    kind: "auth",
    path,
    type: cloud.name,
    settings: { description },
  });
  const configuration = (at: string, settings: Settings): VaultObject => ({
    kind: "configuration",
    path: `auth/${path}/${at}`,
    settings,
  });
  const roles = (bound: (principals: string) => Settings) =>
    identities.map(
      ({ name, principals, ttl }): VaultObject => ({
        kind: "role",
        of: `${cloud.name}-login`,
        mount: `auth/${path}`,
        name,
        settings: {
          ...bound(principals),
          token_policies: [name],
          token_ttl: ttl,
          token_max_ttl: ttl === "1h" ? "24h" : ttl,
        },
      }),
    );
  return byCloud<VaultObject[]>(cloud, {
    aws: (aws) => [
      auth("Sign-in with AWS roles"),
      configuration("config/client", awsClient(props, aws)),
      ...roles((principals) => ({
        auth_type: "iam",
        bound_iam_principal_arn: principals,
        // By IAM's unique id, a role that was deleted and made anew is refused. Vault then asks IAM, a global service,
        // which a network without NAT does not reach: there by the ARN without its path, as first boot writes it.
        resolve_aws_unique_ids: props.discovery !== "addresses",
      })),
    ],
    azure: (azure) => [
      auth("Sign-in with Azure's managed identities"),
      configuration("config", azureConfiguration(azure)),
      // An identity is one group's alone, and its object id is in the token: Vault need not read machines, and has no right to.
      ...roles((principals) => ({ bound_service_principal_ids: principals })),
    ],
    gcp: ({ project }) => [
      auth("Sign-in with Google's service accounts"),
      ...roles(
        (principals): Settings =>
          path === vaultMounts.nodeAuth
            ? { type: "gce", bound_projects: [project], bound_service_accounts: principals }
            : // A machine with such an account would be CI; and Google signs tokens for an hour.
              { type: "iam", bound_service_accounts: principals, allow_gce_inference: false, max_jwt_exp: "1h" },
      ),
    ],
  });
}

function awsClient(props: AccessProps, { region }: AwsCloud): Settings {
  return {
    sts_endpoint: `https://sts.${region}.${awsPartition(region).dnsSuffix}`,
    sts_region: region,
    // A request that was signed for another service cannot be replayed here.
    iam_server_id_header_value: machineHost(props, "vault"),
  };
}

function azureConfiguration({ tenantId }: AzureCloud): Settings {
  return { tenant_id: tenantId, resource: VAULT_RESOURCE };
}
