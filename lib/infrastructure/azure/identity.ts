import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import type { Product } from "../../node/products";
import { checkServerGroups, checkWorkerNames, defaultServerGroups, type ServerGroups } from "../props";
import { AzureKeys, type AzureKeysProps } from "./keys";
import {
  type AzureGivenIdentity,
  AzureNodeIdentity,
  type AzureNodeIdentityProps,
  checkGivenIdentity,
} from "./node-identity";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";

type Given = Readonly<Record<string, AzureGivenIdentity>>;

export interface AzureIdentityProps
  extends AzurePlace,
    Pick<AzureKeysProps, "link" | "workspaceId" | "sealKeyId" | "keyringKeyId" | "dataKey"> {
  /**
   * Groups of servers by name, with the products they run.
   *
   * @default - one group "main" that runs Vault, Consul and Nomad
   */
  readonly servers?: ServerGroups;
  /**
   * Names of the worker groups.
   *
   * @default - none
   */
  readonly workers?: readonly string[];
  /**
   * Identities that exist, by the name of a server group.
   *
   * @default - one is made for each group
   */
  readonly serverIdentities?: Given;
  /**
   * Identities that exist, by the name of a worker group.
   *
   * @default - one is made for each group
   */
  readonly workerIdentities?: Given;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on the identities of all groups. */
    readonly nodeIdentity?: AzureNodeIdentityProps["transform"];
    readonly keys?: AzureKeysProps["transform"];
  };
}

type Identities = Readonly<Record<string, AzureNodeIdentity>>;

/**
 * Who acts in an environment, and with which keys: a user-assigned identity for each server group and each worker group, and the
 * seal, keyring and data keys that only those who need them may use.
 *
 * What identities are given are the environment's custom roles, which `AzureStateStack` makes (`AzureRoles` elsewhere).
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureIdentity extends Construct {
  /** The identities of the server groups, by name. */
  readonly servers: Identities;
  /** The identities of the worker groups, by name. */
  readonly workers: Identities;
  readonly keys: AzureKeys;

  constructor(scope: Construct, id: string, props: AzureIdentityProps) {
    const { servers = defaultServerGroups, workers = [] } = props;
    const check = new PropsCheck("AzureIdentity", scope, id);
    checkPlace(check, props);
    checkServerGroups(check, "servers", servers);
    checkWorkerNames(check, "workers", workers);
    checkGiven(check, "serverIdentities", props.serverIdentities, Object.keys(servers));
    checkGiven(check, "workerIdentities", props.workerIdentities, workers);
    check.done();
    super(scope, id);

    const { environment, subscriptionId, tenantId, region, resourceGroup, transform } = props;
    const place = { environment, subscriptionId, tenantId, region, resourceGroup };
    const identities = (plane: "server" | "worker", groups: readonly string[], given: Given = {}) =>
      Object.fromEntries(
        groups.map((group) => [
          group,
          new AzureNodeIdentity(this, `${plane}-${group}`, {
            ...place,
            ...{ plane, group, given: given[group], transform: transform?.nodeIdentity },
          }),
        ]),
      );
    this.servers = identities("server", Object.keys(servers), props.serverIdentities);
    this.workers = identities("worker", workers, props.workerIdentities);

    const running = (product: Product) =>
      Object.entries(this.servers).flatMap(([group, each]) => (servers[group]?.runs.includes(product) ? [each] : []));
    this.keys = new AzureKeys(this, "keys", {
      ...place,
      vaultIdentities: running("vault"),
      nomadIdentities: running("nomad"),
      link: props.link,
      workspaceId: props.workspaceId,
      sealKeyId: props.sealKeyId,
      keyringKeyId: props.keyringKeyId,
      dataKey: props.dataKey,
      transform: transform?.keys,
    });
  }
}

function checkGiven(check: PropsCheck, property: string, given: Given = {}, groups: readonly string[]): void {
  for (const [group, identity] of Object.entries(given)) {
    if (groups.includes(group)) checkGivenIdentity(check.under(`${property}.${group}`), identity);
    else {
      check.add({
        property: `${property}.${group}`,
        given: group,
        allowed:
          groups.length === 0 ? "nothing: there are no such groups" : `the name of a group: ${groups.join(", ")}`,
        fix: "rename it, or add the group",
      });
    }
  }
}
