import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import type { Product } from "../../node/products";
import { checkServerGroups, checkWorkerNames, defaultServerGroups, type ServerGroups } from "../props";
import { checkGivenKeys, type GcpGivenKeys, GcpKeys, type GcpKeysProps } from "./keys";
import { GcpNodeAccount, type GcpNodeAccountProps } from "./node-account";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { serviceAccount } from "./rules";

export interface GcpIdentityProps extends GcpPlace, GcpGivenKeys {
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
   * E-mail addresses of service accounts that exist, by the name of a server group.
   *
   * @default - an account is made for each group
   */
  readonly serverAccounts?: Readonly<Record<string, string>>;
  /**
   * E-mail addresses of service accounts that exist, by the name of a worker group.
   *
   * @default - an account is made for each group
   */
  readonly workerAccounts?: Readonly<Record<string, string>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on the accounts of all groups. */
    readonly nodeAccount?: GcpNodeAccountProps["transform"];
    readonly keys?: GcpKeysProps["transform"];
  };
}

type Accounts = Readonly<Record<string, GcpNodeAccount>>;

/**
 * Who acts in an environment, and with which keys: a service account for each server group and each worker group, and the
 * seal, keyring and data keys that only those who need them may use.
 *
 * What accounts are granted are the environment's custom roles, which `GcpStateStack` makes (`GcpCustomRoles` elsewhere).
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpIdentity extends Construct {
  /** The accounts of the server groups, by name. */
  readonly servers: Accounts;
  /** The accounts of the worker groups, by name. */
  readonly workers: Accounts;
  readonly keys: GcpKeys;

  constructor(scope: Construct, id: string, props: GcpIdentityProps) {
    const { servers = defaultServerGroups, workers = [] } = props;
    const check = new PropsCheck("GcpIdentity", scope, id);
    checkPlace(check, props);
    checkServerGroups(check, "servers", servers);
    checkWorkerNames(check, "workers", workers);
    checkGiven(check, "serverAccounts", props.serverAccounts, Object.keys(servers));
    checkGiven(check, "workerAccounts", props.workerAccounts, workers);
    checkGivenKeys(check, props, props);
    check.done();
    super(scope, id);

    const { environment, project, region, transform } = props;
    const place = { environment, project, region };
    const accounts = (
      plane: "server" | "worker",
      groups: readonly string[],
      given: Readonly<Record<string, string>> = {},
    ) =>
      Object.fromEntries(
        groups.map((group) => [
          group,
          new GcpNodeAccount(this, `${plane}-${group}`, {
            ...place,
            ...{ plane, group, email: given[group], transform: transform?.nodeAccount },
          }),
        ]),
      );
    this.servers = accounts("server", Object.keys(servers), props.serverAccounts);
    this.workers = accounts("worker", workers, props.workerAccounts);

    const running = (product: Product): Accounts =>
      Object.fromEntries(Object.entries(this.servers).filter(([group]) => servers[group]?.runs.includes(product)));
    const vaultAccounts = running("vault");
    for (const account of Object.values(vaultAccounts)) account.allowInProject("sign-in", "signIn");
    this.keys = new GcpKeys(this, "keys", {
      ...place,
      vaultAccounts,
      nomadAccounts: running("nomad"),
      sealKeyName: props.sealKeyName,
      keyringKeyName: props.keyringKeyName,
      dataKeyName: props.dataKeyName,
      keyRingName: props.keyRingName,
      transform: transform?.keys,
    });
  }
}

function checkGiven(
  check: PropsCheck,
  property: string,
  given: Readonly<Record<string, string>> = {},
  groups: readonly string[],
): void {
  for (const [group, email] of Object.entries(given)) {
    if (groups.includes(group)) check.required(`${property}.${group}`, email, serviceAccount);
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
