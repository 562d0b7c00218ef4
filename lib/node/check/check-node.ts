import { PropsCheck } from "../../core/errors";
import { boolean, listOf, oneOf, shortName, text } from "../../core/rules";
import { clusterRuns, type NodeProps, type ServerNodeProps, type WorkerNodeProps } from "../node-props";
import { checkCluster } from "./check-cluster";
import { checkExtensions } from "./check-extensions";
import { dataDevices } from "./cloud-rules";
import { checkKnown, hostPath, labelKey, nodePool, pgpPublicKey, registryHost, volumeName } from "./rules";

/**
 * Checks the props of a node.
 *
 * @throws InvalidPropsError with every mistake: property, value, what is allowed, what to do.
 */
export function checkNode(props: NodeProps): void {
  const check = new PropsCheck("Node", { node: { path: String(props.environment ?? "") } }, String(props.group ?? ""));
  checkKnown(check, "", props);
  // The rest reads the values, which a token has none of.
  check.done();
  checkCluster(check, props);
  check.required("role", props.role, oneOf(["server", "worker"]));
  if (props.role === "worker") checkWorker(check, props);
  else checkServer(check, props);
  checkExtensions(check, "extend", props.extend ?? {}, props.role === "worker" && props.system === true);
  check.done();
}

function checkServer(check: PropsCheck, props: ServerNodeProps): void {
  const { group, servers, recoveryPgpKeys: keys } = props;
  check.required("group", group, oneOf(Object.keys(servers ?? {})));
  check.optional("dataDevice", props.dataDevice, dataDevices[props.cloud?.name ?? "aws"]);
  if (keys !== undefined && check.required("recoveryPgpKeys", keys, listOf(1, 10, "keys"))) {
    check.each("recoveryPgpKeys", keys, pgpPublicKey);
  }
}

function checkWorker(check: PropsCheck, props: WorkerNodeProps): void {
  check.required("group", props.group, shortName(16, "general"));
  if (props.servers !== undefined && props.group in props.servers) {
    check.add({
      property: "group",
      given: props.group,
      allowed: "a name that no server group has: nodes and their rights are called by it",
      fix: "rename the worker group",
    });
  }
  checkWorkerSettings(check, props);
}

/** Checks what a worker group is to Consul and Nomad, but for its name. */
export function checkWorkerSettings(
  check: PropsCheck,
  props: Pick<
    WorkerNodeProps,
    "servers" | "runs" | "nodePool" | "labels" | "hostVolumes" | "registries" | "system" | "csi" | "rawExec"
  >,
): void {
  if (props.runs !== undefined && check.required("runs", props.runs, listOf(1, 2, "products"))) {
    check.each("runs", props.runs, oneOf(["consul", "nomad"]));
    for (const product of props.runs.filter((one) => props.servers !== undefined && !clusterRuns(props, one))) {
      check.add({
        property: "runs",
        given: props.runs,
        allowed: `products that the cluster has servers of; no group runs ${product}`,
        fix: `remove ${product}, or add it to a server group`,
      });
    }
  }
  check.optional("nodePool", props.nodePool, nodePool);
  for (const [key, value] of Object.entries(props.labels ?? {})) {
    check.required("labels (name of a label)", key, labelKey);
    check.required(`labels["${key}"]`, value, text);
  }
  for (const [name, volume] of Object.entries(props.hostVolumes ?? {})) {
    check.required("hostVolumes (name of a volume)", name, volumeName);
    check.required(`hostVolumes.${name}.path`, volume.path, hostPath);
    check.optional(`hostVolumes.${name}.readOnly`, volume.readOnly, boolean);
  }
  check.each("registries", props.registries ?? [], registryHost);
  check.optional("system", props.system, boolean);
  check.optional("csi", props.csi, boolean);
  if (
    check.optional("rawExec", props.rawExec, boolean) &&
    props.rawExec === true &&
    props.runs?.includes("nomad") === false
  ) {
    check.add({
      property: "rawExec",
      given: true,
      allowed: "true only where Nomad runs: it is a driver of Nomad's",
      fix: 'add "nomad" to runs, or remove rawExec',
    });
  }
}
