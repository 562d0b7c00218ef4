import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { TerraformBackend, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { LayerStack } from "../../layer/layer-stack";
import { protect } from "../../layer/protection";
import { transformed } from "../../layer/transform";
import { type CiRole, gitHubTrust, gitLabTrust, type OidcTrust } from "../ci-trust";
import { AzureCiIdentity, ciIdentityId, TOKEN_AUDIENCE } from "./ci-identity";
import { type AzureCiRight, ciRights, statePaths } from "./ci-rights";
import { assigningCondition, pathCondition } from "./conditions";
import { resourceGroupName, stateAccountName, statePlace, volumesPlace } from "./names";
import { type AzurePlace, resourceGroupId } from "./place";
import { azureProvider } from "./provider";
import { nodeRights } from "./rights";
import { AzureRoles, customRole, roleDefinitionId, roleGuid } from "./roles";
import { AzureStateBucket, STATE_CONTAINER } from "./state-bucket";
import { type AzureStateStackProps, checkStateProps } from "./state-props";

/**
 * Where an environment's Terraform state is kept in Azure, who in CI may plan and apply with it, and what nodes may ever be allowed: the
 * resource groups, a storage account with its key, the identities `planner` and `deployer`, and the custom roles of the environment.
 *
 * Its own state goes into its own container, after a first apply with `new LocalState()`. It is applied by people who own the
 * subscription: the deployer can change neither its own rights, nor the roles that it gives, nor the state's key.
 *
 * ```ts
 * const where = { subscriptionId: "0b1f6471-...", tenantId: "72f988bf-...", region: "westeurope" };
 * const state = new AzurermState({
 *   storageAccountName: azureStateAccountName({ environment: "prod", ...where, resourceGroup: "caravan-prod" }),
 *   containerName: "state",
 *   resourceGroupName: "caravan-prod-state",
 * });
 * new AzureStateStack(app, "prod-state", {
 *   environment: { name: "prod", state },
 *   ...where,
 *   clientRanges: "any",
 *   github: { repository: "acme/platform" },
 * });
 * ```
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureStateStack extends LayerStack {
  /** Name of the storage account; the container is `state`. */
  readonly accountName: string;
  /** Id of the identity that plans: reads configuration and state, never secrets; known at synth. */
  readonly plannerIdentityId: string;
  /** Id of the identity that applies; known at synth. */
  readonly deployerIdentityId: string;

  constructor(scope: Construct, id: string, props: AzureStateStackProps) {
    super(scope, id, props);
    const { subscriptionId, tenantId, region, transform } = props;
    const environment = props.environment.name;
    const resourceGroup = props.resourceGroup ?? resourceGroupName(environment);
    const place: AzurePlace = { environment, subscriptionId, tenantId, region, resourceGroup };
    const places = [place, volumesPlace(place), statePlace(place)];
    this.accountName = props.accountName ?? stateAccountName(place);
    this.checkBackend();
    azureProvider(this, place, transform?.provider);
    const groups = this.addGroups(places, props);

    const scopes = places.map(resourceGroupId);
    const roles = new AzureRoles(this, "roles", { ...place, scopes, transform: transform?.roles });
    const subscription = `/subscriptions/${subscriptionId}`;
    for (const [name, permissions] of Object.entries(ciRights)) {
      customRole(roles, `ci-${name}`, {
        ...place,
        name,
        permissions,
        scopes: name === "look" || name === "log-flows" ? [subscription] : scopes,
        transform: transform?.roles?.role,
      });
    }
    roles.node.addDependency(groups);

    const state = new AzureStateBucket(this, "state", {
      ...statePlace(place),
      accountName: this.accountName,
      clientRanges: props.clientRanges,
      useKeyRole: roleDefinitionId(place, "use-key"),
      keepVersionsDays: props.keepVersionsDays ?? 90,
      keepLogsDays: props.keepLogsDays ?? 365,
      transform: transform?.bucket,
    });
    state.node.addDependency(roles);

    const trust = trustOf(props);
    const identity = (role: CiRole) => {
      const made = new AzureCiIdentity(this, role, {
        ...place,
        ...{ role, trust, given: props[`${role}Identity`], transform: transform?.[role] },
        subjects: role === "planner" ? props.plannerSubjects : [],
      });
      made.node.addDependency(roles);
      return made;
    };
    const planner = identity("planner");
    const deployer = identity("deployer");
    const role = (right: AzureCiRight) => roleDefinitionId(place, right);
    const paths = statePaths(id);
    for (const [name, each] of Object.entries({ planner, deployer })) {
      each.allow("look", { role: role("look"), scope: subscription });
      each.allow("state", {
        role: role("state"),
        scope: state.containerId,
        condition: pathCondition(name === "planner" ? paths.planner : paths.deployer),
      });
    }
    const condition = assigningCondition({
      roles: Object.keys(nodeRights).map((right) => roleGuid(place, right)),
      never: [planner.principalId, deployer.principalId],
      exempt: [roleGuid(place, "read-secret")],
    });
    for (const [name, where] of Object.entries({ environment: place, volumes: volumesPlace(place) })) {
      const scope = resourceGroupId(where);
      planner.allow(`plan-${name}`, { role: role("plan"), scope });
      deployer.allow(`apply-${name}`, { role: role("apply"), scope });
      deployer.allow(`assign-${name}`, { role: role("assign"), scope, condition });
    }
    deployer.allow("log-flows", { role: role("log-flows"), scope: subscription });

    this.plannerIdentityId = props.plannerIdentity?.identityId ?? ciIdentityId(place, "planner");
    this.deployerIdentityId = props.deployerIdentity?.identityId ?? ciIdentityId(place, "deployer");
    this.output("state_account", "Name of the storage account that keeps the environment's state", this.accountName);
    for (const [name, { clientId }] of Object.entries({ planner, deployer })) {
      if (clientId !== undefined) this.output(`${name}_client_id`, `ARM_CLIENT_ID of CI as ${name}`, clientId);
    }
  }

  protected static override checkProps(check: PropsCheck, props: AzureStateStackProps): void {
    LayerStack.checkProps(check, props);
    checkStateProps(check, props);
  }

  /** The deployer's rights are in resource groups, so that somebody else makes these. */
  private addGroups(places: readonly AzurePlace[], props: AzureStateStackProps): Construct {
    const groups = new Construct(this, "resource-groups");
    if (props.makeResourceGroups === false) return groups;
    for (const [index, { resourceGroup, region }] of places.entries()) {
      protect(
        new ResourceGroup(
          groups,
          ["environment", "volumes", "state"][index] ?? "",
          transformed(props.transform?.resourceGroup, { name: resourceGroup, location: region }),
        ),
      );
    }
    return groups;
  }

  /** The state of an environment is kept in the account made for it, but for the first apply. */
  private checkBackend(): void {
    const backend = this.node.children.find((child) => child instanceof TerraformBackend);
    const kept = backend && accountOf(backend);
    if (kept === undefined || (kept.account === this.accountName && kept.container === STATE_CONTAINER)) return;
    const check = new PropsCheck("AzureStateStack", this, "");
    check.add({
      property: "environment.state",
      given: kept,
      allowed: `the account and container that this stack makes, "${this.accountName}" and "${STATE_CONTAINER}"`,
      fix: `write new AzurermState({ storageAccountName: "${this.accountName}", containerName: "${STATE_CONTAINER}", ... }), or give accountName`,
    });
    check.done();
  }

  private output(name: string, description: string, value: string): void {
    new TerraformOutput(this, name, { staticId: true, description, value });
  }
}

function trustOf({ github, gitlab, environment }: AzureStateStackProps): OidcTrust | undefined {
  if (github !== undefined) return gitHubTrust(github, environment.name, TOKEN_AUDIENCE);
  return gitlab && gitLabTrust({ ...gitlab, audience: TOKEN_AUDIENCE });
}

function accountOf(backend: TerraformBackend): { account?: string; container?: string } | undefined {
  const json = backend.toTerraform() as {
    terraform?: { backend?: { azurerm?: { storage_account_name?: string; container_name?: string } } };
  };
  const azurerm = json.terraform?.backend?.azurerm;
  return azurerm && { account: azurerm.storage_account_name, container: azurerm.container_name };
}
