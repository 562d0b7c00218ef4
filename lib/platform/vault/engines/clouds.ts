import { AwsSecretBackend, type AwsSecretBackendConfig } from "@cdktf/provider-vault/lib/aws-secret-backend";
import {
  AwsSecretBackendRole,
  type AwsSecretBackendRoleConfig,
} from "@cdktf/provider-vault/lib/aws-secret-backend-role";
import { AzureSecretBackend, type AzureSecretBackendConfig } from "@cdktf/provider-vault/lib/azure-secret-backend";
import {
  AzureSecretBackendRole,
  type AzureSecretBackendRoleConfig,
} from "@cdktf/provider-vault/lib/azure-secret-backend-role";
import { GcpSecretBackend, type GcpSecretBackendConfig } from "@cdktf/provider-vault/lib/gcp-secret-backend";
import {
  GcpSecretImpersonatedAccount,
  type GcpSecretImpersonatedAccountConfig,
} from "@cdktf/provider-vault/lib/gcp-secret-impersonated-account";
import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { hcl } from "../../../core/hcl";
import { matching, text } from "../../../core/rules";
import { duration, parseDuration } from "../../../core/values";
import { type Transform, transformed } from "../../../layer/transform";
import { awsPartition } from "../../../node/cloud/aws-partition";
import { checkLifetimes, checkNames, seconds } from "./rules";

/**
 * Vault shows the cloud a token that it signed itself, instead of being somebody there. Vault Enterprise only; a Community
 * edition refuses it, and uses the identity of the machine that it runs on.
 */
export interface IdentityTokenFederation {
  /** Whom the token is for, as the cloud has it. */
  readonly audience: string;
  /** @default "1h" */
  readonly tokenTtl?: string;
}

export interface AwsCredentialRole {
  /** Roles of AWS that Vault takes on, each of which must trust it. */
  readonly roleArns: readonly string[];
  /** A policy that leaves less than the role has. @default - all of it */
  readonly policyDocument?: object;
  /** @default - none */
  readonly policyArns?: readonly string[];
  /** @default - none */
  readonly externalId?: string;
  /** @default "1h" */
  readonly ttl?: string;
  /** @default "1h" */
  readonly maxTtl?: string;
}

export interface AwsEngineProps {
  readonly region: string;
  /** By name. */
  readonly roles: Readonly<Record<string, AwsCredentialRole>>;
  /** @default - the identity of Vault's servers, which must be allowed `sts:AssumeRole` on the roles */
  readonly federation?: IdentityTokenFederation & { readonly roleArn: string };
  /** @default - none */
  readonly transform?: {
    readonly engine?: Transform<AwsSecretBackendConfig>;
    readonly role?: Transform<AwsSecretBackendRoleConfig>;
  };
}

/**
 * Short-lived credentials of AWS roles (`sts:AssumeRole`). There is no user with a key, neither for Vault nor made by it.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsEngine extends Construct {
  constructor(scope: Construct, id: string, { path, ...props }: AwsEngineProps & { readonly path: string }) {
    super(scope, id);
    const check = new PropsCheck("AwsEngine", scope, id);
    checkAws(check, props);
    check.done();
    const { region, federation, roles, transform } = props;
    const engine = new AwsSecretBackend(
      this,
      "Default",
      transformed(transform?.engine, {
        path,
        description: "Credentials of AWS",
        region,
        // The global one is not reached from a private network.
        stsEndpoint: `https://sts.${region}.${awsPartition(region).dnsSuffix}`,
        stsRegion: region,
        ...(federation === undefined
          ? {}
          : {
              identityTokenAudience: federation.audience,
              identityTokenTtl: parseDuration(federation.tokenTtl ?? "1h", "s"),
              roleArn: federation.roleArn,
            }),
      }),
    );
    for (const [name, role] of Object.entries(roles)) {
      new AwsSecretBackendRole(
        this,
        `role-${name}`,
        transformed(transform?.role, {
          backend: engine.path,
          name,
          credentialType: "assumed_role",
          roleArns: [...role.roleArns],
          ...(role.policyDocument === undefined ? {} : { policyDocument: hcl.json(role.policyDocument) }),
          ...(role.policyArns === undefined ? {} : { policyArns: [...role.policyArns] }),
          ...(role.externalId === undefined ? {} : { externalId: role.externalId }),
          defaultStsTtl: parseDuration(role.ttl ?? "1h", "s"),
          maxStsTtl: parseDuration(role.maxTtl ?? "1h", "s"),
        }),
      );
    }
  }
}

export interface GcpImpersonatedAccount {
  /** A service account on which Vault's own is token creator. */
  readonly serviceAccountEmail: string;
  /** @default ["https://www.googleapis.com/auth/cloud-platform"] */
  readonly tokenScopes?: readonly string[];
  /** @default "1h" */
  readonly ttl?: string;
}

export interface GcpEngineProps {
  /** By name. */
  readonly impersonatedAccounts: Readonly<Record<string, GcpImpersonatedAccount>>;
  /** @default - the identity of Vault's servers */
  readonly federation?: IdentityTokenFederation & { readonly serviceAccountEmail: string };
  /** @default - none */
  readonly transform?: {
    readonly engine?: Transform<GcpSecretBackendConfig>;
    readonly impersonatedAccount?: Transform<GcpSecretImpersonatedAccountConfig>;
  };
}

/**
 * Short-lived tokens of Google Cloud service accounts, by impersonation. No key of one is ever made.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpEngine extends Construct {
  constructor(scope: Construct, id: string, { path, ...props }: GcpEngineProps & { readonly path: string }) {
    super(scope, id);
    const check = new PropsCheck("GcpEngine", scope, id);
    checkGcp(check, props);
    check.done();
    const { federation, impersonatedAccounts, transform } = props;
    const engine = new GcpSecretBackend(
      this,
      "Default",
      transformed(transform?.engine, {
        path,
        description: "Tokens of Google Cloud",
        ...(federation === undefined
          ? {}
          : {
              identityTokenAudience: federation.audience,
              identityTokenTtl: parseDuration(federation.tokenTtl ?? "1h", "s"),
              serviceAccountEmail: federation.serviceAccountEmail,
            }),
      }),
    );
    for (const [name, account] of Object.entries(impersonatedAccounts)) {
      new GcpSecretImpersonatedAccount(
        this,
        `account-${name}`,
        transformed(transform?.impersonatedAccount, {
          backend: engine.path,
          impersonatedAccount: name,
          serviceAccountEmail: account.serviceAccountEmail,
          tokenScopes: [...(account.tokenScopes ?? ["https://www.googleapis.com/auth/cloud-platform"])],
          ttl: String(parseDuration(account.ttl ?? "1h", "s")),
        }),
      );
    }
  }
}

export interface AzureCredentialRole {
  /** What a service principal that Vault makes may do, and where. */
  readonly azureRoles: readonly { readonly roleName: string; readonly scope: string }[];
  /** @default "1h" */
  readonly ttl?: string;
  /** @default "24h" */
  readonly maxTtl?: string;
}

export interface AzureEngineProps {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** The managed identity of Vault's servers, where they have more than one; with `federation` the application. @default - their only one */
  readonly clientId?: string;
  /** By name. */
  readonly roles: Readonly<Record<string, AzureCredentialRole>>;
  /** @default - the managed identity of Vault's servers */
  readonly federation?: IdentityTokenFederation;
  /** @default - none */
  readonly transform?: {
    readonly engine?: Transform<AzureSecretBackendConfig>;
    readonly role?: Transform<AzureSecretBackendRoleConfig>;
  };
}

/**
 * Service principals of Azure that Vault makes for whoever asks, and removes when their time is over.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureEngine extends Construct {
  constructor(scope: Construct, id: string, { path, ...props }: AzureEngineProps & { readonly path: string }) {
    super(scope, id);
    const check = new PropsCheck("AzureEngine", scope, id);
    checkAzure(check, props);
    check.done();
    const { subscriptionId, tenantId, clientId, federation, roles, transform } = props;
    const engine = new AzureSecretBackend(
      this,
      "Default",
      transformed(transform?.engine, {
        path,
        description: "Service principals of Azure",
        subscriptionId,
        tenantId,
        ...(clientId === undefined ? {} : { clientId }),
        ...(federation === undefined
          ? {}
          : {
              identityTokenAudience: federation.audience,
              identityTokenTtl: parseDuration(federation.tokenTtl ?? "1h", "s"),
            }),
      }),
    );
    for (const [name, role] of Object.entries(roles)) {
      new AzureSecretBackendRole(
        this,
        `role-${name}`,
        transformed(transform?.role, {
          backend: engine.path,
          role: name,
          azureRoles: role.azureRoles.map((one) => ({ ...one })),
          // Left behind, they would count against the tenant's quota for a month.
          permanentlyDelete: true,
          ttl: String(parseDuration(role.ttl ?? "1h", "s")),
          maxTtl: String(parseDuration(role.maxTtl ?? "24h", "s")),
        }),
      );
    }
  }
}

function checkFederation(check: PropsCheck, federation: IdentityTokenFederation | undefined): void {
  if (federation === undefined) return;
  check.required("federation.audience", federation.audience, text);
  check.optional("federation.tokenTtl", federation.tokenTtl, seconds);
}

const awsRole = matching(/arn:aws[a-z-]*:iam::\d{12}:role\/.+/, "the ARN of a role", "copy it from IAM");

export function checkAws(check: PropsCheck, { region, roles, federation }: AwsEngineProps): void {
  check.required("region", region, matching(/[a-z]{2}(-[a-z]+)+-\d/, "a region of AWS", 'write "eu-central-1"'));
  checkFederation(check, federation);
  if (federation !== undefined) check.required("federation.roleArn", federation.roleArn, awsRole);
  checkNames(check, "roles", roles);
  for (const [name, role] of Object.entries(roles)) {
    const at = `roles["${name}"]`;
    check.each(`${at}.roleArns`, role.roleArns, awsRole);
    if (role.roleArns?.length === 0) {
      check.add({
        property: `${at}.roleArns`,
        given: [],
        allowed: "one role or more",
        fix: "name the role to take on",
      });
    }
    // As STS has it.
    const bounds = duration({ min: "15m", max: "12h", unit: "s" });
    if (role.ttl !== undefined && !check.required(`${at}.ttl`, role.ttl, bounds)) continue;
    if (role.maxTtl !== undefined && !check.required(`${at}.maxTtl`, role.maxTtl, bounds)) continue;
    checkLifetimes(check, `${at}.`, role.ttl ?? "1h", role.maxTtl ?? "1h");
  }
}

const account = matching(
  /[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com/,
  "the address of a service account",
  'write "name@project.iam.gserviceaccount.com"',
);

export function checkGcp(check: PropsCheck, { impersonatedAccounts, federation }: GcpEngineProps): void {
  checkFederation(check, federation);
  if (federation !== undefined) {
    check.required("federation.serviceAccountEmail", federation.serviceAccountEmail, account);
  }
  checkNames(check, "impersonatedAccounts", impersonatedAccounts);
  for (const [name, one] of Object.entries(impersonatedAccounts)) {
    check.required(`impersonatedAccounts["${name}"].serviceAccountEmail`, one.serviceAccountEmail, account);
    // As Google has it, unless an organisation allows more.
    const ttl = duration({ min: "1m", max: "12h", unit: "s" });
    check.optional(`impersonatedAccounts["${name}"].ttl`, one.ttl, ttl);
  }
}

const uuid = matching(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i, "an id of Azure", "copy it from the portal");

export function checkAzure(check: PropsCheck, props: AzureEngineProps): void {
  check.required("subscriptionId", props.subscriptionId, uuid);
  check.required("tenantId", props.tenantId, uuid);
  check.optional("clientId", props.clientId, uuid);
  checkFederation(check, props.federation);
  checkNames(check, "roles", props.roles);
  for (const [name, role] of Object.entries(props.roles)) {
    const at = `roles["${name}"]`;
    for (const [index, { roleName, scope }] of role.azureRoles.entries()) {
      check.required(`${at}.azureRoles[${index}].roleName`, roleName, text);
      const rule = matching(/\/.+/, "what the role is for, from /subscriptions on", 'write "/subscriptions/..."');
      check.required(`${at}.azureRoles[${index}].scope`, scope, rule);
    }
    checkLifetimes(check, `${at}.`, role.ttl ?? "1h", role.maxTtl ?? "24h");
  }
}
