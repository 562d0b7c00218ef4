import { JwtAuthBackend, type JwtAuthBackendConfig } from "@cdktf/provider-vault/lib/jwt-auth-backend";
import { JwtAuthBackendRole, type JwtAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/jwt-auth-backend-role";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { parseDuration } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";

/** A pipeline of GitHub Actions. All that is given must be so. */
export interface GithubPipeline {
  /** Owner and name: `"acme/shop"`. */
  readonly repository: string;
  /** @default - any branch */
  readonly branch?: string;
  /** The deployment environment, which can ask for an approval. @default - any, or none */
  readonly environment?: string;
}

/** A pipeline of GitLab. */
export interface GitlabPipeline {
  /** Path of the project: `"acme/shop"`. */
  readonly project: string;
  /** A branch, which must be protected. @default - any ref */
  readonly branch?: string;
  /** @default - any, or none */
  readonly environment?: string;
}

export type Pipeline = { readonly github: GithubPipeline } | { readonly gitlab: GitlabPipeline };

/** Where pipelines get their identities. */
export interface CiIssuers {
  /** @default "https://token.actions.githubusercontent.com" */
  readonly github?: string;
  /** @default "https://gitlab.com" */
  readonly gitlab?: string;
}

export interface CiRole {
  readonly pipeline: Pipeline;
  /** Policies of Vault. */
  readonly policies: readonly string[];
  /** @default - none */
  readonly transform?: Transform<JwtAuthBackendRoleConfig>;
}

export interface CiSignInProps {
  readonly issuers: CiIssuers;
  /** For whom a pipeline asks its identity: Vault's address. */
  readonly audience: string;
  /** By the name that a pipeline signs in with. */
  readonly roles: Readonly<Record<string, CiRole>>;
  /** @default - none */
  readonly transform?: CiSignInTransform;
}

/** Each is laid on all of its kind. */
export interface CiSignInTransform {
  readonly method?: Transform<JwtAuthBackendConfig>;
  readonly role?: Transform<JwtAuthBackendRoleConfig>;
}

const ISSUERS = { github: "https://token.actions.githubusercontent.com", gitlab: "https://gitlab.com" } as const;

/** Mounts of CI's sign-in in Vault. */
export const ciMounts = { github: "jwt-github", gitlab: "jwt-gitlab" } as const;

/** As long as a pipeline may take. */
const TOKEN_TTL = "30m";

/** CI's sign-in to Vault, by the identity that GitHub or GitLab gives each pipeline. No token is kept anywhere. */
export class CiSignIn extends Construct {
  constructor(scope: Construct, id: string, { issuers, audience, roles, transform }: CiSignInProps) {
    super(scope, id);
    for (const kind of ["github", "gitlab"] as const) {
      const own = Object.entries(roles).filter(([, { pipeline }]) => kind in pipeline);
      if (own.length === 0) continue;
      const issuer = issuers[kind] ?? ISSUERS[kind];
      const method = new JwtAuthBackend(
        this,
        kind,
        transformed(transform?.method, {
          path: ciMounts[kind],
          type: "jwt",
          description: `Pipelines of ${kind}`,
          oidcDiscoveryUrl: issuer,
          boundIssuer: issuer,
        }),
      );
      for (const [roleName, { pipeline, policies, transform: ofRole }] of own) {
        const props: JwtAuthBackendRoleConfig = {
          backend: method.path,
          roleName,
          roleType: "jwt",
          userClaim: "sub",
          boundAudiences: [audience],
          boundClaims: hcl.value(claimsOf(pipeline)),
          tokenPolicies: [...policies],
          tokenTtl: parseDuration(TOKEN_TTL, "s"),
          tokenMaxTtl: parseDuration(TOKEN_TTL, "s"),
        };
        new JwtAuthBackendRole(this, `${kind}-${roleName}`, transformed(ofRole, transformed(transform?.role, props)));
      }
    }
  }
}

/** Claims that must be exactly so. https://docs.github.com/en/actions/reference/security/oidc, https://docs.gitlab.com/ci/secrets/id_token_authentication/ */
export function claimsOf(pipeline: Pipeline): Record<string, string> {
  if ("github" in pipeline) {
    const { repository, branch, environment } = pipeline.github;
    return {
      repository,
      ...(branch === undefined ? {} : { ref: `refs/heads/${branch}` }),
      ...(environment === undefined ? {} : { environment }),
    };
  }
  const { project, branch, environment } = pipeline.gitlab;
  return {
    project_path: project,
    ...(branch === undefined ? {} : { ref: branch, ref_type: "branch", ref_protected: "true" }),
    ...(environment === undefined ? {} : { environment }),
  };
}
