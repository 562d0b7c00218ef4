import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { TerraformBackend, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { LayerStack } from "../../layer/layer-stack";
import { protect } from "../../layer/protection";
import { transformed } from "../../layer/transform";
import { type CiRole, gitHubTrust, gitLabTrust, type OidcTrust } from "../ci-trust";
import { AwsCiRole, ciRoleArn } from "./ci-role";
import { arnTrustStatements, issuerOf, oidcTrustStatements } from "./ci-trust";
import { computeStatements } from "./deployer-compute-policy";
import { networkStatements } from "./deployer-network-policy";
import { deployerStateStatements, identityStatements, keyStatements, storageStatements } from "./deployer-policy";
import { edgeStatements, readEdgeStatements } from "./edge-policy";
import { stateBucketName } from "./names";
import { type AwsPlace, iamArn } from "./place";
import { plannerStatements } from "./planner-policy";
import type { PolicyStatement } from "./policy-document";
import { awsProvider } from "./provider";
import { readStatements } from "./read-policy";
import { AwsStateBucket } from "./state-bucket";
import { type AwsStateStackProps, checkStateProps } from "./state-props";

/**
 * Where an environment's Terraform state is kept in AWS, and who in CI may plan and apply with it: a bucket with its key,
 * and the roles `planner` and `deployer`.
 *
 * Its own state goes into its own bucket, after a first apply with `new LocalState()`; `stacks/README.md` has the three
 * commands. It is applied by people: the deployer can change neither its own rights nor the state's key.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsStateStack extends LayerStack {
  /** Name of the state's bucket. */
  readonly bucketName: string;
  /** The role that plans: reads configuration and state, never secrets; known at synth. */
  readonly plannerRoleArn: string;
  /** The role that applies; known at synth. */
  readonly deployerRoleArn: string;
  /** The identity provider of CI, if there is one; known at synth. */
  readonly oidcProviderArn?: string;

  constructor(scope: Construct, id: string, props: AwsStateStackProps) {
    super(scope, id, props);

    const { accountId, region, transform } = props;
    const place: AwsPlace = { environment: props.environment.name, accountId, region };
    this.bucketName = props.bucketName ?? stateBucketName(place);
    this.checkBackend();
    awsProvider(this, place, transform?.provider);

    const state = new AwsStateBucket(this, "state", {
      ...place,
      bucketName: this.bucketName,
      logBucketName: props.logBucketName,
      keepVersionsDays: props.keepVersionsDays ?? 90,
      keepLogsDays: props.keepLogsDays ?? 365,
      transform: transform?.bucket,
    });

    const oidc = oidcTrustOf(props);
    const providerArn = oidc && this.identityProvider(oidc, props);
    this.oidcProviderArn = props.oidcProviderArn ?? (oidc && iamArn(place, `oidc-provider/${issuerOf(oidc.url)}`));
    const trust = (role: CiRole) =>
      oidc === undefined || providerArn === undefined
        ? arnTrustStatements(props.trustedArns?.[role] ?? [])
        : oidcTrustStatements(oidc, role, providerArn);

    const access = { ...place, bucketArn: state.bucketArn, keyArn: state.keyArn };
    const read = [
      ...readStatements({ ...place, buckets: state.bucketNames, oidcProviderArn: this.oidcProviderArn }),
      ...readEdgeStatements(place),
    ];
    // A role takes ten managed policies (its default quota); some are left for users' own.
    const policies: Record<CiRole, Record<string, readonly PolicyStatement[]>> = {
      planner: { read, state: plannerStatements(access) },
      deployer: {
        read,
        network: networkStatements(place),
        edge: edgeStatements({ ...place, domains: props.domains }),
        nodes: [
          ...computeStatements(place),
          ...identityStatements({
            ...place,
            nodePermissionsBoundaryArn: props.nodePermissionsBoundaryArn,
            passableRoleArns: props.passableRoleArns ?? [],
          }),
        ],
        keys: keyStatements({ ...place, usableKeyArns: props.usableKeyArns ?? [] }),
        storage: [...deployerStateStatements({ ...access, stateStackId: id }), ...storageStatements(place)],
      },
    };
    const roleArn = (role: CiRole) => {
      const given = props[`${role}RoleArn`];
      if (given !== undefined) return given;
      new AwsCiRole(this, role, {
        ...place,
        role,
        trust: trust(role),
        policies: policies[role],
        permissionsBoundaryArn: props.permissionsBoundaryArn,
        transform: transform?.[role],
      });
      return ciRoleArn(place, role);
    };
    this.plannerRoleArn = roleArn("planner");
    this.deployerRoleArn = roleArn("deployer");
    this.output("state_bucket", "Name of the bucket that keeps the environment's Terraform state", this.bucketName);
    this.output("planner_role_arn", "ARN of the role by which CI plans", this.plannerRoleArn);
    this.output("deployer_role_arn", "ARN of the role by which CI applies", this.deployerRoleArn);
  }

  protected static override checkProps(check: PropsCheck, props: AwsStateStackProps): void {
    LayerStack.checkProps(check, props);
    checkStateProps(check, props);
  }

  private identityProvider(oidc: OidcTrust, props: AwsStateStackProps): string {
    if (props.oidcProviderArn !== undefined) return props.oidcProviderArn;
    const provider = new IamOpenidConnectProvider(
      this,
      "identity-provider",
      transformed(props.transform?.oidcProvider, { url: oidc.url, clientIdList: [oidc.audience] }),
    );
    // Other environments of the account may stand on it.
    return protect(provider).arn;
  }

  /** The state of an environment is kept in the bucket made for it, but for the first apply. */
  private checkBackend(): void {
    const backend = this.node.children.find((child) => child instanceof TerraformBackend);
    const bucket = backend && s3BucketOf(backend);
    if (bucket === undefined || bucket === this.bucketName) return;
    const check = new PropsCheck("AwsStateStack", this, "");
    check.add({
      property: "environment.state",
      given: bucket,
      allowed: `the bucket that this stack makes, "${this.bucketName}"`,
      fix: `write new S3State({ bucket: "${this.bucketName}", ... }), or give bucketName: "${bucket}"`,
    });
    check.done();
  }

  private output(name: string, description: string, value: string): void {
    new TerraformOutput(this, name, { staticId: true, description, value });
  }
}

function oidcTrustOf(props: AwsStateStackProps): OidcTrust | undefined {
  if (props.github !== undefined) return gitHubTrust(props.github, props.environment.name, "sts.amazonaws.com");
  return props.gitlab && gitLabTrust(props.gitlab);
}

function s3BucketOf(backend: TerraformBackend): string | undefined {
  const json = backend.toTerraform() as { terraform?: { backend?: { s3?: { bucket?: string } } } };
  return json.terraform?.backend?.s3?.bucket;
}
