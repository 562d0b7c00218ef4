import {
  IamWorkloadIdentityPool,
  type IamWorkloadIdentityPoolConfig,
} from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import {
  IamWorkloadIdentityPoolProvider,
  type IamWorkloadIdentityPoolProviderConfig,
} from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { type Transform, transformed } from "../../layer/transform";
import type { CiRole, OidcTrust } from "../ci-trust";
import { workloadIdentityPoolId } from "./names";
import type { GcpPlace } from "./place";

/** A forge whose tokens are taken. */
export type Forge = "github" | "gitlab";

export interface GcpCiPoolTransform {
  readonly pool?: Transform<IamWorkloadIdentityPoolConfig>;
  readonly provider?: Transform<IamWorkloadIdentityPoolProviderConfig>;
}

export interface GcpCiPoolProps extends GcpPlace {
  readonly forge: Forge;
  readonly trust: OidcTrust;
  readonly transform?: GcpCiPoolTransform;
}

const YES = "yes";

/**
 * Which run of which repository it is, for the audit log. A token's own subject may be longer than the 127 bytes that Google
 * takes.
 */
const SUBJECTS: Readonly<Record<Forge, string>> = {
  github: '"repository:" + assertion.repository_id + ":run:" + assertion.run_id',
  gitlab: '"project:" + assertion.project_id + ":job:" + assertion.job_id',
};

/** Whether a token's subject is one of a role's, in CEL: https://cloud.google.com/iam/docs/workload-identity-federation#conditions */
export function subjectCondition({ exact, like }: OidcTrust, role: CiRole): string {
  return [
    ...exact[role].map((subject) => `assertion.sub == ${JSON.stringify(subject)}`),
    ...like[role].map((pattern) => `assertion.sub.startsWith(${JSON.stringify(pattern.replace(/\*$/, ""))})`),
  ].join(" || ");
}

/**
 * Where tokens of CI become identities of the project: a pool, and the forge that signs for it. It takes no token but those of
 * the repository's pipelines that may plan or apply, and says which of both each may. A protected main branch of GitLab may do
 * either.
 */
export class GcpCiPool extends Construct {
  /** Full name of the provider, with the project's number: what CI asks for. */
  readonly providerName: string;
  private readonly poolName: string;

  constructor(scope: Construct, id: string, props: GcpCiPoolProps) {
    super(scope, id);
    const { project, environment, forge, trust, transform } = props;
    const pool = new IamWorkloadIdentityPool(
      this,
      "Default",
      transformed(transform?.pool, {
        project,
        workloadIdentityPoolId: workloadIdentityPoolId(environment),
        displayName: `Caravan ${environment}`,
        description: `Pipelines that plan and apply the environment ${environment}`,
      }),
    );
    const conditions = { planner: subjectCondition(trust, "planner"), deployer: subjectCondition(trust, "deployer") };
    const says = (role: CiRole) => hcl.text(`(${conditions[role]}) ? "${YES}" : "no"`);
    const provider = new IamWorkloadIdentityPoolProvider(
      this,
      "provider",
      transformed(transform?.provider, {
        project,
        workloadIdentityPoolId: pool.workloadIdentityPoolId,
        workloadIdentityPoolProviderId: forge,
        displayName: forge === "github" ? "GitHub" : "GitLab",
        attributeMapping: {
          "google.subject": SUBJECTS[forge],
          "attribute.planner": says("planner"),
          "attribute.deployer": says("deployer"),
        },
        attributeCondition: hcl.text(`${conditions.planner} || ${conditions.deployer}`),
        oidc: {
          issuerUri: trust.url,
          // Without any, Google wants a token to be for the provider itself.
          allowedAudiences: trust.audience === "" ? undefined : [trust.audience],
        },
      }),
    );
    this.poolName = pool.name;
    this.providerName = provider.name;
  }

  /** The pipelines that may be a role, as grants name them. */
  member(role: CiRole): string {
    return `principalSet://iam.googleapis.com/${this.poolName}/attribute.${role}/${YES}`;
  }
}
