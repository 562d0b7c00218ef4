import type { NodeProps } from "../node-props";
import { runsOf } from "../node-props";
import { files, units } from "../paths";
import { online, type Unit, unlimited } from "./unit";

/** Units that run `caravan-node`: what has to happen on a node while it lives. Each does nothing on a server that does not lead. */
export function operateUnits(props: NodeProps): Readonly<Record<string, Unit>> {
  return {
    [units.leave]: props.cloud.name === "gcp" ? atShutdown(watch, props) : watch,
    [units.log]: log,
    ...(props.role === "server"
      ? {
          [units.snapshot]: once("Save snapshots of what this server leads", "snapshot"),
          [units.snapshotTimer]: timer("Save snapshots every hour", "5min", "1h"),
          ...(runsOf(props).includes("nomad")
            ? {
                [units.introduce]: once("Introduce new workers to Nomad", "introduce"),
                [units.introduceTimer]: timer("Renew introductions, which live 30 minutes", "2min", "10min"),
              }
            : {}),
        }
      : {}),
  };
}

const service = {
  StandardError: "journal+console",
  SyslogIdentifier: "caravan",
  EnvironmentFile: `-${files.proxy.path}`,
  UMask: "0077",
  LimitCORE: "0",
  PrivateTmp: "yes",
  ProtectHome: "yes",
  LockPersonality: "yes",
  RestrictRealtime: "yes",
  RestrictNamespaces: "yes",
  SystemCallArchitectures: "native",
} as const;

/** It ends well only when the node has left, and then nothing is to be started again. */
const watch: Unit = {
  Unit: {
    Description: "Leave the cluster when the cloud is about to end this machine",
    ...online,
    After: `${online.After} ${units.firstBoot}`,
    ConditionPathExists: files.caravanNode.path,
    ...unlimited,
  },
  Service: {
    ExecStart: `${files.caravanNode.path} watch`,
    Restart: "on-failure",
    RestartSec: "10",
    ...service,
  },
  Install: { WantedBy: "multi-user.target" },
};

/**
 * Google tells an instance nothing before it shuts down, and then waits 90 seconds: the watch ends before what it takes out.
 *
 * https://cloud.google.com/compute/docs/shutdownscript
 */
function atShutdown(unit: Unit, props: NodeProps): Unit {
  const { Unit: head = {}, Service: service = {}, ...rest } = unit;
  const products = [...runsOf(props).map((product) => units[product]), units.vaultAgent];
  return {
    ...rest,
    Unit: { ...head, After: `${head["After"]} ${products.join(" ")}` },
    Service: { ...service, ExecStop: `-${files.caravanNode.path} ending`, TimeoutStopSec: "85" },
  };
}

/** It begins again where it has failed: a program is not installed yet, the cloud does not answer. Its own lines stay here. */
const log: Unit = {
  Unit: { Description: "Take what Caravan says to the cloud's log", ...online, ...unlimited },
  Service: {
    ExecStart: files.log.path,
    Restart: "always",
    RestartSec: "30",
    ...service,
    StandardError: "journal",
    SyslogIdentifier: "caravan-log",
  },
  Install: { WantedBy: "multi-user.target" },
};

function once(Description: string, verb: string): Unit {
  return {
    Unit: { Description, ...online, ConditionPathExists: files.caravanNode.path },
    Service: { Type: "oneshot", ExecStart: `${files.caravanNode.path} ${verb}`, TimeoutStartSec: "30min", ...service },
  };
}

function timer(Description: string, OnBootSec: string, OnUnitActiveSec: string): Unit {
  return {
    Unit: { Description },
    Timer: { OnBootSec, OnUnitActiveSec, RandomizedDelaySec: "30" },
    Install: { WantedBy: "timers.target" },
  };
}
