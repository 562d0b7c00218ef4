import { CaravanError } from "../core/errors";
import { type ConsulAccess, consulAccess } from "./access-consul";
import { type NomadAccess, nomadAccess } from "./access-nomad";
import { type AccessProps, nodeNamePrefix } from "./access-props";
import { type VaultAccess, vaultAccess } from "./access-vault";
import { clusterRuns } from "./node-props";

/** Who a server, a worker, `deployer` and `planner` are to each product that the cluster has, as data. */
export interface Access {
  readonly vault?: VaultAccess;
  readonly consul?: ConsulAccess;
  readonly nomad?: NomadAccess;
}

/**
 * Who may do what: once for first boot's hand-overs, and once for the Platform layer, which adopts the same objects.
 *
 * @throws CaravanError where a token for the nodes of one group would be good for another's.
 */
export function access(props: AccessProps): Access {
  const groups = [...Object.keys(props.servers), ...Object.keys(props.workers)];
  for (const [index, name] of groups.entries()) {
    const other = groups.find((one, at) => at !== index && nodeNamePrefix(one).startsWith(nodeNamePrefix(name)));
    if (other === undefined) continue;
    throw new CaravanError(
      `groups "${name}" and "${other}": Consul's token of "${name}" would be good for nodes of "${other}", because names of nodes ` +
        `begin with their group's and a hyphen; rename one of the groups`,
    );
  }
  return {
    ...(clusterRuns(props, "vault") ? { vault: vaultAccess(props) } : {}),
    ...(clusterRuns(props, "consul") ? { consul: consulAccess(props) } : {}),
    ...(clusterRuns(props, "nomad") ? { nomad: nomadAccess() } : {}),
  };
}
