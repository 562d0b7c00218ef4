import { ProjectService } from "@cdktf/provider-google/lib/project-service";
import { TerraformBackend, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { LayerStack } from "../../layer/layer-stack";
import { transformed } from "../../layer/transform";
import { type CiRole, gitHubTrust, gitLabTrust } from "../ci-trust";
import { LIBRARY_OBJECTS } from "../cluster-objects";
import { ciAccountEmail, GcpCiAccount, type GcpCiAccountProps, type GcpCiRights } from "./ci-account";
import {
  bucketsCondition,
  grantsCondition,
  keyRingCondition,
  locksCondition,
  secretsCondition,
  stateCondition,
} from "./ci-conditions";
import {
  bucketPermissions,
  createPermissions,
  emptyPermissions,
  grantPermissions,
  keyPermissions,
  networkPermissions,
  nodePermissions,
  readPermissions,
  repositoryPermissions,
  secretPermissions,
  watchPermissions,
} from "./ci-permissions";
import { GcpCiPool } from "./ci-pool";
import { customRoleName, GcpCustomRoles } from "./custom-roles";
import { objectsCondition } from "./grant";
import { clusterBucketName, keyRingName, stateBucketName } from "./names";
import type { GcpPlace } from "./place";
import { gcpProvider } from "./provider";
import { GcpStateBucket } from "./state-bucket";
import { checkStateProps, type GcpStateStackProps } from "./state-props";

/** The APIs that an environment needs: https://cloud.google.com/apis/docs/overview */
const APIS = [
  "artifactregistry",
  "certificatemanager",
  "cloudkms",
  "cloudresourcemanager",
  "compute",
  "dns",
  "iam",
  "iamcredentials",
  "iap",
  "logging",
  "monitoring",
  "secretmanager",
  "serviceusage",
  "storage",
  "sts",
] as const;

/**
 * Where an environment's Terraform state is kept in Google Cloud, who in CI may plan and apply with it, and what nodes may ever be
 * allowed: a bucket with its key, the accounts `planner` and `deployer`, and the custom roles of the environment's nodes.
 *
 * Its own state goes into its own bucket, after a first apply with `new LocalState()`; `stacks/README.md` has the three commands.
 * It is applied by people: the deployer can change neither its own rights, nor the roles that it grants, nor the state's key.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpStateStack extends LayerStack {
  /** Name of the state's bucket. */
  readonly bucketName: string;
  /** The account that plans: reads configuration and state, never secrets; known at synth. */
  readonly plannerEmail: string;
  /** The account that applies; known at synth. */
  readonly deployerEmail: string;

  constructor(scope: Construct, id: string, props: GcpStateStackProps) {
    super(scope, id, props);
    const { project, region, transform } = props;
    const place: GcpPlace = { environment: props.environment.name, project, region };
    this.bucketName = props.bucketName ?? stateBucketName(place);
    this.checkBackend();
    const tags = { ...props.environment.tags, "caravan-environment": place.environment, "caravan-stack": id };
    gcpProvider(this, place, tags, transform?.provider);
    const apis = this.enableApis(props);
    const roles = new GcpCustomRoles(this, "roles", { ...place, transform: transform?.roles });
    roles.node.addDependency(apis);
    const state = new GcpStateBucket(this, "state", {
      ...place,
      bucketName: this.bucketName,
      keyRingName: props.stateKeyRingName,
      keepVersionsDays: props.keepVersionsDays ?? 90,
      keepLogsDays: props.keepLogsDays ?? 365,
      transform: transform?.bucket,
    });
    state.node.addDependency(roles);

    const pool = this.pool(props, place);
    pool?.node.addDependency(apis);
    const trust = (role: CiRole): GcpCiAccountProps["trust"] =>
      pool === undefined
        ? Object.fromEntries(
            (props.trustedMembers?.[role] ?? []).map((member, index) => [
              `trusted-${index + 1}`,
              { member, role: "roles/iam.serviceAccountTokenCreator" },
            ]),
          )
        : { pipelines: { member: pool.member(role), role: "roles/iam.workloadIdentityUser" } };
    const library = {
      title: "library",
      expression: objectsCondition(clusterBucketName(place), [LIBRARY_OBJECTS]),
    };
    const account = (
      role: CiRole,
      rights: Readonly<Record<string, GcpCiRights>>,
      libraryRoles: readonly LibraryRole[],
    ) => {
      const given = props[`${role}Email`];
      if (given !== undefined) return `serviceAccount:${given}`;
      const made = new GcpCiAccount(this, role, {
        ...place,
        role,
        trust: trust(role),
        rights,
        transform: transform?.[role],
      });
      made.node.addDependency(roles);
      for (const each of libraryRoles) made.grant(`library-${each}`, customRoleName(place, each), library);
      return made.member;
    };
    const read = { title: "reading", permissions: readPermissions };
    const planner = account("planner", { read }, ["readObjects"]);
    const deployer = account(
      "deployer",
      {
        read,
        network: { title: "network", permissions: networkPermissions },
        nodes: { title: "nodes", permissions: nodePermissions },
        watch: { title: "watching", permissions: watchPermissions },
        make: { title: "making", permissions: createPermissions },
        repositories: { title: "repositories", permissions: repositoryPermissions },
        buckets: {
          title: "buckets",
          permissions: [...bucketPermissions, ...emptyPermissions],
          condition: bucketsCondition(place),
        },
        secrets: { title: "secrets", permissions: secretPermissions, condition: secretsCondition(place) },
        keys: {
          title: "keys",
          permissions: keyPermissions,
          condition: keyRingCondition(place, props.keyRingName ?? keyRingName(place.environment)),
        },
        grants: { title: "granting", permissions: grantPermissions, condition: grantsCondition(place) },
      },
      ["readObjects", "replaceObjects"],
    );
    this.allowState(state, place, { planner, deployer }, id);
    this.plannerEmail = props.plannerEmail ?? ciAccountEmail(place, "planner");
    this.deployerEmail = props.deployerEmail ?? ciAccountEmail(place, "deployer");
    this.output("state_bucket", "Name of the bucket that keeps the environment's Terraform state", this.bucketName);
    this.output("planner_email", "The service account by which CI plans", this.plannerEmail);
    this.output("deployer_email", "The service account by which CI applies", this.deployerEmail);
    if (pool !== undefined) {
      this.output("workload_identity_provider", "What CI shows its tokens to", pool.providerName);
    }
  }

  protected static override checkProps(check: PropsCheck, props: GcpStateStackProps): void {
    LayerStack.checkProps(check, props);
    checkStateProps(check, props);
  }

  private enableApis({ project, enableApis = true, transform }: GcpStateStackProps): Construct {
    const apis = new Construct(this, "apis");
    for (const api of enableApis ? APIS : []) {
      new ProjectService(
        apis,
        api,
        transformed(transform?.api, {
          project,
          service: `${api}.googleapis.com`,
          // Others in the project may call it.
          disableOnDestroy: false,
        }),
      );
    }
    return apis;
  }

  private pool(props: GcpStateStackProps, place: GcpPlace): GcpCiPool | undefined {
    const { github, gitlab, transform } = props;
    if (props.plannerEmail !== undefined && props.deployerEmail !== undefined) return undefined;
    if (github !== undefined) {
      const trust = gitHubTrust(github, place.environment, "");
      return new GcpCiPool(this, "pool", { ...place, forge: "github", trust, transform: transform?.pool });
    }
    if (gitlab === undefined) return undefined;
    return new GcpCiPool(this, "pool", {
      ...place,
      forge: "gitlab",
      trust: gitLabTrust(gitlab),
      transform: transform?.pool,
    });
  }

  /**
   * What both do with state: read and lock it, keep plans and look at records. The deployer writes it too, but not that of the stack
   * that made it, and with it the deployer's own rights.
   */
  private allowState(
    { bucket }: GcpStateBucket,
    place: GcpPlace,
    members: Readonly<Record<CiRole, string>>,
    ownId: string,
  ): void {
    const below = (...prefixes: readonly string[]) => objectsCondition(this.bucketName, prefixes);
    const conditions: Record<CiRole, { read: string; replace: string }> = {
      planner: {
        read: [stateCondition(), locksCondition, below("records/*")].join(" || "),
        replace: [locksCondition, below("plans/*")].join(" || "),
      },
      deployer: {
        read: [stateCondition(), locksCondition, below("plans/*", "records/*")].join(" || "),
        replace: [stateCondition(ownId), locksCondition, below("plans/*", "records/*")].join(" || "),
      },
    };
    for (const role of ["planner", "deployer"] as const) {
      const { read, replace } = conditions[role];
      bucket.allow(`${role}-list`, customRoleName(place, "listObjects"), members[role]);
      bucket.allow(`${role}-read`, customRoleName(place, "readObjects"), members[role], {
        title: "State, plans and records",
        expression: read,
      });
      bucket.allow(`${role}-replace`, customRoleName(place, "replaceObjects"), members[role], {
        title: role === "planner" ? "Locks and plans" : "State but its own, plans and records",
        expression: replace,
      });
    }
  }

  /** The state of an environment is kept in the bucket made for it, but for the first apply. */
  private checkBackend(): void {
    const backend = this.node.children.find((child) => child instanceof TerraformBackend);
    const bucket = backend && gcsBucketOf(backend);
    if (bucket === undefined || bucket === this.bucketName) return;
    const check = new PropsCheck("GcpStateStack", this, "");
    check.add({
      property: "environment.state",
      given: bucket,
      allowed: `the bucket that this stack makes, "${this.bucketName}"`,
      fix: `write new GcsState({ bucket: "${this.bucketName}" }), or give bucketName: "${bucket}"`,
    });
    check.done();
  }

  private output(name: string, description: string, value: string): void {
    new TerraformOutput(this, name, { staticId: true, description, value });
  }
}

type LibraryRole = "readObjects" | "replaceObjects";

function gcsBucketOf(backend: TerraformBackend): string | undefined {
  const json = backend.toTerraform() as { terraform?: { backend?: { gcs?: { bucket?: string } } } };
  return json.terraform?.backend?.gcs?.bucket;
}
