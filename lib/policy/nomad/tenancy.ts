import type { PolicyRule } from "../rule";
import type { SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const NAMESPACE = "https://developer.hashicorp.com/nomad/docs/other-specifications/namespace";

/** Whether a namespace's jobs may use something: what is enabled is all, else what is not disabled. */
function allows(namespace: SynthesizedResource, kind: string, name: string): boolean {
  const capabilities = namespace.block("capabilities");
  if (capabilities?.isUnknown) return false;
  const enabled = capabilities?.texts(`enabled_${kind}`) ?? [];
  const disabled = capabilities?.texts(`disabled_${kind}`) ?? [];
  if (disabled.includes(name) || disabled.includes(UNKNOWN)) return false;
  return enabled.length === 0 || enabled.includes(name);
}

const rawExec: PolicyRule = {
  id: "nomad-raw-exec",
  severity: "HIGH",
  title: "Jobs of a namespace may not use raw_exec",
  why: "It runs programs as root on the node, outside every container, where a node has it.",
  fix: 'set capabilities.disabled_task_drivers = ["raw_exec"], or enable only other drivers',
  references: { url: NAMESPACE },
  resourceTypes: ["nomad_namespace"],
  *check(namespace) {
    if (allows(namespace, "task_drivers", "raw_exec")) {
      yield {
        attribute: "capabilities.disabled_task_drivers",
        given: namespace.block("capabilities")?.value("disabled_task_drivers"),
      };
    }
  },
};

const hostNetwork: PolicyRule = {
  id: "nomad-host-network",
  severity: "MEDIUM",
  title: "Jobs of a namespace may not use the node's own network",
  why: "There a task reaches what listens on loopback, and the cloud's metadata with the node's identity.",
  fix: 'set capabilities.disabled_network_modes = ["host"], or enable only other modes',
  references: { url: NAMESPACE },
  resourceTypes: ["nomad_namespace"],
  *check(namespace) {
    if (allows(namespace, "network_modes", "host")) {
      yield {
        attribute: "capabilities.disabled_network_modes",
        given: namespace.block("capabilities")?.value("disabled_network_modes"),
      };
    }
  },
};

export const nomadTenancyRules: readonly PolicyRule[] = [rawExec, hostNetwork];
