import type { AzurermProviderConfig } from "@cdktf/provider-azurerm/lib/provider";
import type { ResourceGroupConfig } from "@cdktf/provider-azurerm/lib/resource-group";
import { type PropsCheck, rule } from "../../core/errors";
import { boolean, integer, listOf, matching } from "../../core/rules";
import type { LayerStackProps } from "../../layer/layer-stack";
import type { Transform } from "../../layer/transform";
import { azureResourceGroup, uuid } from "../../node/check/cloud-rules";
import { checkCiTrust, type GitHubTrust, type GitLabTrust } from "../ci-trust";
import type { AzureCiIdentityTransform } from "./ci-identity";
import { type AzureGivenIdentity, checkGivenIdentity } from "./node-identity";
import type { AzureRolesProps } from "./roles";
import { clientRange, region } from "./rules";
import type { AzureStateBucketTransform } from "./state-bucket";

export interface AzureStateStackProps extends LayerStackProps {
  /** Id of the subscription, a UUID. */
  readonly subscriptionId: string;
  /** Id of its tenant, a UUID. */
  readonly tenantId: string;
  /** The region's name, `"westeurope"`. */
  readonly region: string;
  /**
   * Name of the environment's resource group. Beside it there are `<name>-volumes` and `<name>-state`.
   *
   * @default - `caravan-<environment>`
   */
  readonly resourceGroup?: string;
  /**
   * Whether the three resource groups are made here. A company's landing zone may have made them.
   *
   * @default true
   */
  readonly makeResourceGroups?: boolean;
  /**
   * Name of the storage account, the same as in `environment.state`.
   *
   * @default - `azureStateAccountName({ environment, subscriptionId, ... })`
   */
  readonly accountName?: string;
  /**
   * From where Terraform reaches the state, as public IPv4 addresses and ranges (`["203.0.113.0/24"]`), or `"any"`: runners of a
   * forge have none of their own. With `"any"` who may is a matter of Entra ID alone, as with a bucket of AWS or Google Cloud; it breaks the
   * policy's rule `azure-storage-network` by choice.
   */
  readonly clientRanges: readonly string[] | "any";
  /**
   * Days that an old version of a state is kept after it was written, 90 to 3650.
   *
   * @default 90
   */
  readonly keepVersionsDays?: number;
  /**
   * Days that it is kept who read and wrote the state: 90 to 730.
   *
   * @default 365
   */
  readonly keepLogsDays?: number;
  /**
   * CI runs on GitHub. One of `github` and `gitlab`, unless both identities are given.
   *
   * @default - it does not
   */
  readonly github?: GitHubTrust;
  /**
   * CI runs on GitLab. Its `audience` is always Entra ID's, `api://AzureADTokenExchange`. Azure knows no patterns of subjects, so that
   * the planner is the branch that is applied; `plannerSubjects` adds others.
   *
   * @default - it does not
   */
  readonly gitlab?: Omit<GitLabTrust, "audience">;
  /**
   * Further subjects of CI's tokens that may plan, each as a whole: `["project_path:acme/platform:ref_type:branch:ref:next"]`.
   *
   * @default - none
   */
  readonly plannerSubjects?: readonly string[];
  /**
   * An identity that plans, as of build servers in Azure. It gets the same rights.
   *
   * @default - one is made
   */
  readonly plannerIdentity?: AzureGivenIdentity;
  /**
   * An identity that applies. It gets the same rights.
   *
   * @default - one is made
   */
  readonly deployerIdentity?: AzureGivenIdentity;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly provider?: Transform<AzurermProviderConfig>;
    /** Laid on each of the resource groups. */
    readonly resourceGroup?: Transform<ResourceGroupConfig>;
    readonly roles?: AzureRolesProps["transform"];
    readonly bucket?: AzureStateBucketTransform;
    readonly planner?: AzureCiIdentityTransform;
    readonly deployer?: AzureCiIdentityTransform;
  };
}

const accountName = matching(
  /[a-z0-9]{3,24}/,
  "a storage account's name: 3 to 24 lower-case letters and digits",
  'use a name such as "acmecaravanstate"; the whole world shares them',
);

/** `-volumes` and `-state` stand behind it, and a name has 90 characters. */
const groupName = rule<string>({
  allowed: `${azureResourceGroup.allowed}, 82 at most`,
  fix: azureResourceGroup.fix,
  accepts: (value) => azureResourceGroup.accepts(value) && value.length <= 82,
});

const subject = matching(/[^\s*?]+/, "one subject as it stands in a token", "write it in full, without wildcards");

/** Checks all props of a state stack but those of every layer stack. */
export function checkStateProps(check: PropsCheck, props: AzureStateStackProps): void {
  check.required("subscriptionId", props.subscriptionId, uuid);
  check.required("tenantId", props.tenantId, uuid);
  check.required("region", props.region, region);
  check.optional("resourceGroup", props.resourceGroup, groupName);
  check.optional("makeResourceGroups", props.makeResourceGroups, boolean);
  check.optional("accountName", props.accountName, accountName);
  if (props.clientRanges !== "any" && check.required("clientRanges", props.clientRanges, listOf(1, 200, "ranges"))) {
    check.each("clientRanges", props.clientRanges, clientRange);
  }
  check.optional("keepVersionsDays", props.keepVersionsDays, integer(90, 3650, "days"));
  check.optional("keepLogsDays", props.keepLogsDays, integer(90, 730, "days"));
  checkCiTrust(check, props);
  // An identity has 20 credentials, and GitHub's planner two of them.
  if (props.plannerSubjects !== undefined) {
    check.required("plannerSubjects", props.plannerSubjects, listOf(1, 18, "subjects"));
    check.each("plannerSubjects", props.plannerSubjects, subject);
  }
  for (const role of ["planner", "deployer"] as const) {
    const given = props[`${role}Identity`];
    if (given !== undefined) checkGivenIdentity(check.under(`${role}Identity`), given);
  }
  checkTrust(check, props);
}

function checkTrust(check: PropsCheck, props: AzureStateStackProps): void {
  const ways = (["github", "gitlab"] as const).filter((way) => props[way] !== undefined);
  const made = (["planner", "deployer"] as const).filter((role) => props[`${role}Identity`] === undefined);
  if (made.length > 0 && ways.length !== 1) {
    check.add({
      property: "github, gitlab",
      given: ways,
      allowed: "one of the two, saying who may be planner and deployer",
      fix: ways.length === 0 ? "say where CI runs, or give plannerIdentity and deployerIdentity" : "remove the other",
    });
  }
  if (made.length === 0 && ways.length > 0) {
    check.add({
      property: ways.join(", "),
      given: ways,
      allowed: "nothing where both identities are given, since their owner says who they trust",
      fix: "remove it, or the given identities",
    });
  }
  if (props.plannerSubjects !== undefined && props.plannerIdentity !== undefined) {
    check.add({
      property: "plannerSubjects",
      given: props.plannerSubjects,
      allowed: "nothing beside a given plannerIdentity, which is not changed",
      fix: "add the credentials to the identity, and remove them here",
    });
  }
}
