import type {
  ApiConsulConnect,
  ApiConsulProxy,
  ApiConsulSidecarService,
  ApiConsulTransparentProxy,
  ApiConsulUpstream,
  ApiService,
} from "../generated/api";
import type { Place } from "../problems";
import { expectOneOf, expectRange, expectText, isLater, isMissing, known, knownNumber, knownText } from "./expect";
import { checkGateway } from "./gateway";
import { isMeshNetwork, networkMode, portLabels, staticPorts } from "./network";
import { checkLogs, checkResources } from "./resources";
import { checkIdentity } from "./secrets";
import type { ServiceOwner } from "./service-owner";
import { checkVolumeMounts } from "./volume";

export function checkConnect(service: ApiService, connect: ApiConsulConnect, owner: ServiceOwner, place: Place): void {
  const kinds = { native: connect.Native === true, sidecarService: connect.SidecarService, gateway: connect.Gateway };
  const given = Object.entries(kinds).flatMap(([word, value]) => (value ? [word] : []));
  if (given.length !== 1 && known(connect.Native ?? false)) {
    const allowed = "exactly one of native, sidecarService and gateway";
    place.report({ given: given.length === 0 ? "none" : given.join(" and "), allowed, fix: "give one" });
  }
  if (owner.task !== undefined) {
    place.report({
      given: "it on a task",
      allowed: "it on a service of the group",
      fix: "move the service to the group",
    });
  }
  if (connect.Native === true) checkNative(service, owner, place);
  if (connect.SidecarService !== undefined) checkSidecar(connect.SidecarService, owner, place);
  if (connect.SidecarTask !== undefined) {
    const at = place.at("sidecarTask");
    checkResources(connect.SidecarTask.Resources ?? {}, at.at("resources"));
    checkLogs({ MaxFiles: 2, MaxFileSizeMB: 2, ...connect.SidecarTask.LogConfig }, owner.group, at.at("logs"));
    checkVolumeMounts(connect.SidecarTask, owner.group, at);
    connect.SidecarTask.Identities?.forEach((identity) => {
      checkIdentity(identity, at.at("identity"));
    });
  }
  if (connect.Gateway !== undefined) {
    if (owner.group.Networks?.[0]?.Mode === undefined) {
      const fix = 'set mode of the group\'s network to "bridge" or "host"';
      place.at("gateway").report({ given: "no network mode", allowed: '"bridge", "host" or "cni/..."', fix });
    }
    if (connect.Gateway.Mesh !== undefined && isMissing(service.PortLabel)) {
      const fix = "set port of the service";
      place.at("gateway", "mesh").report({ given: "no port", allowed: "it with a port of the service", fix });
    }
    checkGateway(connect.Gateway, place.at("gateway"));
  }
}

function checkSidecar(sidecar: ApiConsulSidecarService, owner: ServiceOwner, place: Place): void {
  const at = place.at("sidecarService");
  if (!isMeshNetwork(owner.group)) {
    const fix = 'set mode of the group\'s network to "bridge"';
    at.report({ given: `network mode "${networkMode(owner.group)}"`, allowed: '"bridge" or "cni/..."', fix });
  }
  if (sidecar.Port !== undefined && staticPorts(owner.group).includes(sidecar.Port)) {
    const fix = "leave it out, or name a port that Nomad chooses";
    at.at("port").report({ given: sidecar.Port, allowed: "a label without a static port", fix });
  }
  if (sidecar.Proxy !== undefined) checkProxy(sidecar.Proxy, owner, at.at("proxy"));
}

function checkNative(service: ApiService, { group }: ServiceOwner, place: Place): void {
  if (service.TaskName === undefined && (group.Tasks ?? []).length > 1) {
    place
      .at("native")
      .report({ given: true, allowed: "it with the service's task named", fix: "set task of the service" });
  }
  if (isMissing(service.PortLabel)) {
    place
      .at("native")
      .report({ given: true, allowed: "it with a port of the service", fix: "set port of the service" });
  }
}

function checkProxy(proxy: ApiConsulProxy, owner: ServiceOwner, place: Place): void {
  const taken = new Set<string>();
  proxy.Upstreams?.forEach((upstream, index) => {
    checkUpstream(upstream, proxy.TransparentProxy !== undefined, taken, place.at("upstreams", index));
  });
  if (proxy.TransparentProxy !== undefined) {
    checkTransparentProxy(proxy.TransparentProxy, owner, place.at("transparentProxy"));
  }
  const labels = portLabels(owner.group);
  proxy.Expose?.Paths?.forEach((path, index) => {
    const at = place.at("expose", "path", index);
    expectText(at.at("path"), path.Path, "give the path");
    expectOneOf(at.at("protocol"), path.Protocol, ["http", "http2"]);
    expectRange(at.at("localPathPort"), path.LocalPathPort, 1, 65535);
    const listener = knownText(path.ListenerPort);
    if (listener === undefined || labels.includes(listener) || isLater(listener)) return;
    const fix = "open the port in the group's network";
    at.at("listenerPort").report({
      given: listener,
      allowed: labels.join(", ") || "a label of the group's network",
      fix,
    });
  });
}

function checkUpstream(upstream: ApiConsulUpstream, transparent: boolean, taken: Set<string>, place: Place): void {
  expectText(place.at("destinationName"), upstream.DestinationName, "name the service in Consul");
  expectOneOf(place.at("destinationType"), upstream.DestinationType, ["service", "prepared_query", ""]);
  expectOneOf(place.at("meshGateway", "mode"), upstream.MeshGateway?.Mode, ["local", "remote", "none", ""]);
  const { LocalBindPort: port, LocalBindSocketPath: socket } = upstream;
  if (port === undefined && socket === undefined && !transparent) {
    const fix = "give the port at which tasks reach it";
    place.at("localBindPort").report({ given: undefined, allowed: "1 to 65535, or localBindSocketPath", fix });
  }
  if (port !== undefined && socket !== undefined) {
    const fix = "keep one of the two";
    place.at("localBindSocketPath").report({ given: "both", allowed: "localBindPort or localBindSocketPath", fix });
  }
  expectRange(place.at("localBindPort"), port, 1, 65535);
  const number = knownNumber(port);
  if (number === undefined) return;
  const address = `${upstream.LocalBindAddress ?? "127.0.0.1"}:${number}`;
  if (taken.has(address)) {
    place.at("localBindPort").report({ given: number, allowed: "a port for each upstream", fix: "choose another" });
  }
  taken.add(address);
}

function checkTransparentProxy(proxy: ApiConsulTransparentProxy, owner: ServiceOwner, place: Place): void {
  if (owner.group.Networks?.[0]?.DNS !== undefined && proxy.NoDNS !== true && known(proxy.NoDNS ?? false)) {
    const fix = "remove dns of the group's network, or set noDns";
    place.at("noDns").report({ given: proxy.NoDNS, allowed: "true where the network has dns of its own", fix });
  }
  const numeric = (value: string) => isLater(value) || /^\d+$/.test(value);
  expectRange(place.at("outboundPort"), proxy.OutboundPort, 1, 65535);
  if (known(proxy.UID) && !numeric(proxy.UID)) {
    place.at("uid").report({ given: proxy.UID, allowed: "a user id in digits", fix: "give the number" });
  }
  const labels = staticPorts(owner.group);
  eachKnown(proxy.ExcludeUIDs, (uid, index) => {
    if (!numeric(uid)) {
      place.at("excludeUids", index).report({ given: uid, allowed: "a user id in digits", fix: "give the number" });
    }
  });
  eachKnown(proxy.ExcludeInboundPorts, (port, index) => {
    if (numeric(port) || labels.includes(port)) return;
    const allowed = ["a number", ...labels].join(", ");
    place
      .at("excludeInboundPorts", index)
      .report({ given: port, allowed, fix: "name a static port of the group, or a number" });
  });
  eachKnown(proxy.ExcludeOutboundCIDRs, (cidr, index) => {
    if (isLater(cidr) || /^[0-9a-f.:]+\/\d{1,3}$/i.test(cidr)) return;
    const at = place.at("excludeOutboundCidrs", index);
    at.report({ given: cidr, allowed: 'a network such as "10.0.0.0/8"', fix: "give its length after a slash" });
  });
}

function eachKnown(list: readonly string[] | undefined, body: (value: string, index: number) => void): void {
  if (known(list)) list.forEach(body);
}
