import { ports } from "../../core/traffic";
import { keyVariables } from "../environment-file";
import { type NodeProps, runsOf } from "../node-props";
import { directories, files, type NodePath, programs, units } from "../paths";
import type { Product } from "../products";
import { registryHelper } from "../registries";
import { online, restart, sandbox, type Unit, unlimited } from "./unit";

/**
 * The units of what a node runs, by their file names. First boot starts them, in order, on every boot.
 *
 * `systemctl stop` and `restart` send SIGINT: the agent stops and stays a member. SIGTERM means leave: Consul and Nomad then take
 * themselves out of the cluster, a Nomad client after it has drained.
 */
export function productUnits(props: NodeProps): Readonly<Record<string, Unit>> {
  const runs = runsOf(props);
  const worker = props.role === "worker";
  return {
    ...(runs.includes("vault") ? { [units.vault]: onData(props, vault(props), directories.vaultData) } : {}),
    ...(runs.includes("consul") ? { [units.consul]: onData(props, consul, directories.consulData) } : {}),
    ...(runs.includes("nomad")
      ? { [units.nomad]: worker ? nomadClient(props, runs) : onData(props, nomadServer(runs), directories.nomadData) }
      : {}),
    [units.vaultAgent]: vaultAgent(props),
  };
}

/** A product ends before the volume that its data is on. */
function onData(props: NodeProps, unit: Unit, { path }: NodePath): Unit {
  if (props.role === "worker" || props.dataDevice === undefined) return unit;
  return { ...unit, Unit: { ...unit["Unit"], RequiresMountsFor: path } };
}

const environment = [files.facts.path, files.environment.path, `-${files.proxy.path}`];

const reload = { ExecReload: "/bin/kill --signal HUP $MAINPID", KillMode: "process", KillSignal: "SIGINT" } as const;

const vault = ({ cloud }: NodeProps): Unit => ({
  Unit: {
    Description: "Vault",
    Documentation: "https://developer.hashicorp.com/vault/docs",
    ...online,
    ...unlimited,
  },
  Service: {
    Type: "notify",
    User: "vault",
    Group: "vault",
    EnvironmentFile: environment,
    // Vault would take the key of Nomad's keyring for its own.
    UnsetEnvironment: keyVariables[cloud.name].keyring,
    ExecStart: `${programs.vault} server -config=${files.vaultConfig.path}`,
    ...reload,
    ...restart,
    // Unsealing waits for the cloud's key service.
    TimeoutStartSec: "5min",
    TimeoutStopSec: "60",
    LimitNOFILE: "65536",
    ...sandbox,
    ReadWritePaths: [directories.vaultData.path, directories.vaultLog.path].join(" "),
  },
});

const consul: Unit = {
  Unit: {
    Description: "Consul",
    Documentation: "https://developer.hashicorp.com/consul/docs",
    ...online,
    ...unlimited,
  },
  Service: {
    // Consul says that it is ready when it has joined somebody: a first or single server never would.
    Type: "exec",
    User: "consul",
    Group: "consul",
    EnvironmentFile: environment,
    ExecStart: `${programs.consul} agent -config-dir=${directories.consulConfig.path} -config-dir=${directories.consulSecret.path}`,
    ...reload,
    // SIGHUP ends an agent that has just begun, which systemd takes for active.
    ExecReload: [
      `/usr/bin/curl -sk -m 60 --retry 60 --retry-delay 1 --retry-connrefused -o /dev/null https://127.0.0.1:${ports.consul}/v1/status/leader`,
      reload.ExecReload,
    ],
    ...restart,
    TimeoutStopSec: "60",
    LimitNOFILE: "65536",
    ...sandbox,
    ReadWritePaths: directories.consulData.path,
  },
};

function nomad(runs: readonly Product[]): Unit {
  const beside = runs.includes("consul") ? ` ${units.consul}` : "";
  return {
    Unit: {
      Description: "Nomad",
      Documentation: "https://developer.hashicorp.com/nomad/docs",
      Wants: `${online.Wants}${beside}`,
      After: `${online.After}${beside}`,
      ...unlimited,
    },
    Service: {
      Type: "notify",
      EnvironmentFile: environment,
      ExecStart: `${programs.nomad} agent -config=${directories.nomadConfig.path} -config=${directories.nomadSecret.path}`,
      ...reload,
      ...restart,
      TimeoutStartSec: "5min",
      LimitNOFILE: "1048576",
    },
  };
}

function nomadServer(runs: readonly Product[]): Unit {
  const { Unit: head, Service: service } = nomad(runs);
  return {
    Unit: { ...head },
    Service: {
      ...service,
      User: "nomad",
      Group: "nomad",
      TimeoutStopSec: "60",
      ...sandbox,
      ReadWritePaths: directories.nomadData.path,
    },
  };
}

/** A client starts tasks of other users in namespaces and control groups of their own: it needs root and the host's mounts. */
function nomadClient(props: NodeProps, runs: readonly Product[]): Unit {
  const { Unit: head, Service: service } = nomad(runs);
  const introduction = files.nomadIntroduction.path;
  return {
    Unit: { ...head, Wants: `${head?.["Wants"]} docker.service`, After: `${head?.["After"]} docker.service` },
    Service: {
      ...service,
      // What it is given to sign in to a registry with stays in memory.
      ...(registryHelper(props)?.name === "ecr-login" ? { Environment: "AWS_ECR_DISABLE_CACHE=true" } : {}),
      ExecStartPre: `-/usr/bin/install -D -m 0600 ${introduction} ${directories.nomadData.path}/client/intro_token.jwt`,
      Delegate: "yes",
      OOMScoreAdjust: "-1000",
      TasksMax: "infinity",
      // It may be draining.
      TimeoutStopSec: "10min",
      LimitCORE: "0",
      ProtectClock: "yes",
      ProtectKernelLogs: "yes",
      LockPersonality: "yes",
      RestrictRealtime: "yes",
      SystemCallArchitectures: "native",
    },
  };
}

/** What Vault Agent writes on this node, and where. */
function written(props: NodeProps): readonly NodePath[] {
  const worker = props.role === "worker";
  return runsOf(props).flatMap((product): readonly NodePath[] => {
    if (product === "vault") return [directories.vaultTls];
    if (product === "consul") return [directories.consulTls, ...(worker ? [directories.consulSecret] : [])];
    return [directories.nomadTls, ...(worker ? [directories.nomadSecret] : [])];
  });
}

function vaultAgent(props: NodeProps): Unit {
  return {
    Unit: {
      Description: "Vault Agent: certificates and secrets of this node",
      Documentation: "https://developer.hashicorp.com/vault/docs/agent-and-proxy/agent",
      ...online,
      ...unlimited,
    },
    Service: {
      Type: "notify",
      User: "vault-agent",
      Group: "vault-agent",
      EnvironmentFile: environment,
      UnsetEnvironment: `${keyVariables[props.cloud.name].keyring} ${keyVariables[props.cloud.name].seal}`,
      ExecStart: `${programs.vault} agent -config=${files.vaultAgentConfig.path}`,
      ...reload,
      ...restart,
      LimitNOFILE: "8192",
      ...sandbox,
      // The groups of the directories it writes to would not exist in a user namespace of its own.
      PrivateUsers: "no",
      RuntimeDirectory: "vault-agent",
      RuntimeDirectoryMode: "0700",
      ReadWritePaths: written(props)
        .map(({ path }) => path)
        .join(" "),
    },
  };
}
