import { AwsAuthBackendClient } from "@cdktf/provider-vault/lib/aws-auth-backend-client";
import { AwsAuthBackendRole } from "@cdktf/provider-vault/lib/aws-auth-backend-role";
import { AzureAuthBackendConfig } from "@cdktf/provider-vault/lib/azure-auth-backend-config";
import { AzureAuthBackendRole } from "@cdktf/provider-vault/lib/azure-auth-backend-role";
import { GcpAuthBackendRole } from "@cdktf/provider-vault/lib/gcp-auth-backend-role";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { transformed } from "../layer/transform";
import type { Settings, VaultObject } from "../node/access-vault-objects";
import type { CloudName } from "../node/cloud/clouds";
import { seconds, text, unset } from "./handed-over-settings";
import type { HandedOverTransform } from "./handed-over-transform";

/** What Vault asks whom when somebody signs in with an identity of the cloud. */
export function signInConfiguration(
  scope: Construct,
  backend: string,
  kind: string | undefined,
  settings: Settings,
  transform?: HandedOverTransform,
): TerraformResource {
  if (kind === "config/client") {
    return new AwsAuthBackendClient(
      scope,
      `client-${backend}`,
      transformed(transform?.awsClient, {
        backend,
        stsEndpoint: text(settings, "sts_endpoint"),
        stsRegion: text(settings, "sts_region"),
        iamServerIdHeaderValue: text(settings, "iam_server_id_header_value"),
      }),
    );
  }
  return new AzureAuthBackendConfig(
    scope,
    `config-${backend}`,
    transformed(transform?.azureConfig, {
      backend,
      tenantId: text(settings, "tenant_id") ?? "",
      resource: text(settings, "resource") ?? "",
    }),
  );
}

/** Who signs in with an identity of the cloud. */
export function signInRole(
  scope: Construct,
  id: string,
  {
    of,
    mount,
    name,
    settings,
    principals,
  }: Omit<Extract<VaultObject, { kind: "role" }>, "of"> & {
    readonly of: `${CloudName}-login`;
    readonly principals: string[];
  },
  transform?: HandedOverTransform,
): TerraformResource {
  const common = {
    backend: mount.replace(/^auth\//, ""),
    role: name,
    tokenPolicies: settings["token_policies"] as string[],
    tokenTtl: seconds(settings, "token_ttl"),
    tokenMaxTtl: seconds(settings, "token_max_ttl"),
  };
  switch (of) {
    case "aws-login":
      return new AwsAuthBackendRole(
        scope,
        id,
        transformed(transform?.awsRole, {
          ...common,
          authType: text(settings, "auth_type"),
          boundIamPrincipalArns: principals,
          resolveAwsUniqueIds: unset(settings, "resolve_aws_unique_ids"),
        }),
      );
    case "azure-login":
      return new AzureAuthBackendRole(
        scope,
        id,
        transformed(transform?.azureRole, { ...common, boundServicePrincipalIds: principals }),
      );
    case "gcp-login":
      return new GcpAuthBackendRole(
        scope,
        id,
        transformed(transform?.gcpRole, {
          ...common,
          type: text(settings, "type") ?? "",
          boundServiceAccounts: principals,
          ...(settings["type"] === "gce"
            ? { boundProjects: settings["bound_projects"] as string[] }
            : { allowGceInference: false, maxJwtExp: String(seconds(settings, "max_jwt_exp")) }),
        }),
      );
  }
}
