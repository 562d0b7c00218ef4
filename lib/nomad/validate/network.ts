import type { ApiNetworkResource, ApiPort, ApiTaskGroup } from "../generated/api";
import type { Place } from "../problems";
import { expectRange, known, knownNumber, knownText } from "./expect";

const HIGHEST_PORT = 65535;

export const portsOf = (network: ApiNetworkResource): readonly ApiPort[] => [
  ...(network.ReservedPorts ?? []),
  ...(network.DynamicPorts ?? []),
];

/** Labels of all ports that a group opens. */
export function portLabels(group: ApiTaskGroup): readonly string[] {
  const own = group.Networks ?? [];
  const ofTasks = (group.Tasks ?? []).flatMap((task) => task.Resources?.Networks ?? []);
  return [...own, ...ofTasks].flatMap(portsOf).flatMap(({ Label }) => (Label === undefined ? [] : [Label]));
}

/** Labels of the ports whose number on the node is given. */
export function staticPorts(group: ApiTaskGroup): readonly string[] {
  const ports = (group.Networks ?? []).flatMap(({ ReservedPorts = [] }) => ReservedPorts);
  return ports.flatMap(({ Label }) => (Label === undefined ? [] : [Label]));
}

export function networkMode(group: ApiTaskGroup): string | undefined {
  const mode = group.Networks?.[0]?.Mode;
  return mode === undefined ? "host" : knownText(mode);
}

/** Whether the mesh can run in the group's network. */
export function isMeshNetwork(group: ApiTaskGroup): boolean {
  const mode = networkMode(group);
  return mode === undefined || mode === "bridge" || mode.startsWith("cni/");
}

export function checkNetworks(group: ApiTaskGroup, place: Place): void {
  const networks = group.Networks ?? [];
  if (networks.length > 1) {
    const given = `${networks.length} networks`;
    place.at("network").report({ given, allowed: "one network", fix: "put all ports into one" });
  }
  const taken = new Map<string, string>();
  for (const network of networks) checkPorts(network, taken, place.at("network", "port"));
  for (const network of networks) {
    checkMode(network, place.at("network"));
    checkCni(network, place.at("network", "cni", "args"));
  }
}

function checkMode({ Mode, Hostname, DynamicPorts, ReservedPorts }: ApiNetworkResource, place: Place): void {
  const hostname = knownText(Hostname);
  if (hostname !== undefined && !/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(hostname.replace(/\$\{[^}]*\}/g, "x"))) {
    const allowed = "letters, digits and hyphens, with dots between";
    place.at("hostname").report({ given: hostname, allowed, fix: "rename it" });
  }
  const mode = knownText(Mode);
  if (mode === undefined) return;
  if (!/^(host|bridge|none|cni\/.+)$/.test(mode)) {
    const allowed = '"host", "bridge", "none" or "cni/" and the name of a network';
    place.at("mode").report({ given: mode, allowed, fix: "use one of them" });
  }
  if (mode === "none" && (DynamicPorts ?? ReservedPorts) !== undefined) {
    place.at("port").report({ given: "ports", allowed: "none in a network without an interface", fix: "remove them" });
  }
}

/** Arguments travel in one variable, separated by semicolons. */
function checkCni({ CNI }: ApiNetworkResource, place: Place): void {
  if (!known(CNI?.Args)) return;
  for (const [key, value] of Object.entries(CNI.Args)) {
    const wrong = [key, value].find((text) => known(text) && text.includes(";"));
    if (wrong !== undefined) place.at(key).report({ given: wrong, allowed: "a text without ;", fix: "do without it" });
  }
}

function checkPorts(network: ApiNetworkResource, taken: Map<string, string>, place: Place): void {
  for (const { Label: label = "", Value, To, HostNetwork = "default", IgnoreCollision } of portsOf(network)) {
    const at = place.at(label);
    if (!/^[A-Za-z0-9_-]+$/.test(label) && known(label)) {
      const allowed = "letters, digits, hyphens and underscores";
      at.report({ given: label, allowed, fix: "rename the port" });
    }
    expectRange(at.at("static"), Value, 1, HIGHEST_PORT);
    expectRange(at.at("to"), To, -1, HIGHEST_PORT);
    const mode = knownText(network.Mode);
    if (IgnoreCollision === true && Value !== undefined && mode !== undefined && mode !== "host") {
      const fix = 'remove it, or set mode to "host"';
      at.at("ignoreCollision").report({ given: true, allowed: "it in the node's own network", fix });
    }
    const number = knownNumber(Value);
    if (number === undefined || IgnoreCollision === true || !known(HostNetwork)) continue;
    const key = `${number} on ${HostNetwork}`;
    const other = taken.get(key);
    if (other !== undefined) {
      at.at("static").report({ given: number, allowed: `a port that ${other} does not have`, fix: "choose another" });
    }
    taken.set(key, label);
  }
}
