import type {
  ApiConsulConnect,
  ApiConsulGateway,
  ApiConsulIngressListener,
  ApiConsulLinkedService,
  ApiConsulProxy,
  ApiConsulSidecarService,
  ApiConsulTransparentProxy,
  ApiConsulUpstream,
  ApiService,
  ApiTask,
  ApiTaskGroup,
} from "../generated/api";
import type { Place } from "../problems";
import { expectOneOf, expectRange, expectText, isLater, isMissing, known, knownNumber, knownText } from "./expect";
import { isMeshNetwork, networkMode, portLabels } from "./network";

/** Where a service stands. */
export interface ServiceOwner {
  readonly group: ApiTaskGroup;
  /** Absent for a group's own services. */
  readonly task?: ApiTask;
}

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
  if (connect.Gateway !== undefined) {
    if (owner.group.Networks?.[0]?.Mode === undefined) {
      const fix = 'set mode of the group\'s network to "bridge" or "host"';
      place.at("gateway").report({ given: "no network mode", allowed: '"bridge", "host" or "cni/..."', fix });
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
  const fixed = (owner.group.Networks ?? []).flatMap(({ ReservedPorts = [] }) => ReservedPorts);
  if (fixed.some(({ Label }) => Label === sidecar.Port)) {
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
  const labels = portLabels(owner.group);
  eachKnown(proxy.ExcludeUIDs, (uid, index) => {
    if (!numeric(uid)) {
      place.at("excludeUids", index).report({ given: uid, allowed: "a user id in digits", fix: "give the number" });
    }
  });
  eachKnown(proxy.ExcludeInboundPorts, (port, index) => {
    if (numeric(port) || labels.includes(port)) return;
    const allowed = ["a number", ...labels].join(", ");
    place.at("excludeInboundPorts", index).report({ given: port, allowed, fix: "name a port of the group" });
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

function checkGateway(gateway: ApiConsulGateway, place: Place): void {
  const kinds = { ingress: gateway.Ingress, terminating: gateway.Terminating, mesh: gateway.Mesh };
  const given = Object.entries(kinds).flatMap(([word, value]) => (value === undefined ? [] : [word]));
  if (given.length !== 1) {
    const allowed = "exactly one of ingress, terminating and mesh";
    place.report({ given: given.join(" and ") || "none", allowed, fix: "give one" });
  }
  expectOneOf(place.at("proxy", "envoyDnsDiscoveryType"), gateway.Proxy?.EnvoyDNSDiscoveryType, [
    "STRICT_DNS",
    "LOGICAL_DNS",
    "",
  ]);
  for (const [name, { Address, Port }] of Object.entries(gateway.Proxy?.EnvoyGatewayBindAddresses ?? {})) {
    const at = place.at("proxy", "envoyGatewayBindAddresses", name);
    expectText(at.at("address"), Address, "give the address");
    if (Port === undefined) at.at("port").report({ given: Port, allowed: "1 to 65535", fix: "give the port" });
    expectRange(at.at("port"), Port, 1, 65535);
  }
  if (gateway.Ingress !== undefined) {
    const listeners = gateway.Ingress.Listeners ?? [];
    if (listeners.length === 0) {
      place.at("ingress", "listener").report({ given: "none", allowed: "1 or more", fix: "add a listener" });
    }
    listeners.forEach((listener, index) => {
      checkListener(listener, place.at("ingress", "listener", index));
    });
  }
  if (gateway.Terminating !== undefined) {
    const services = gateway.Terminating.Services ?? [];
    if (services.length === 0) {
      place.at("terminating", "service").report({ given: "none", allowed: "1 or more", fix: "add a service" });
    }
    services.forEach((service, index) => {
      checkLinkedService(service, place.at("terminating", "service", index));
    });
  }
}

function checkListener({ Port, Protocol = "tcp", Services = [] }: ApiConsulIngressListener, place: Place): void {
  expectOneOf(place.at("protocol"), Protocol, ["tcp", "http", "http2", "grpc"]);
  if (Port === undefined) place.at("port").report({ given: Port, allowed: "1 to 65535", fix: "give the port" });
  expectRange(place.at("port"), Port, 1, 65535);
  if (Services.length === 0) {
    place.at("service").report({ given: "none", allowed: "1 or more", fix: "add a service" });
  }
  Services.forEach(({ Name, Hosts }, index) => {
    const at = place.at("service", index);
    expectText(at.at("name"), Name, "name the service in Consul");
    if (Protocol !== "tcp") return;
    if (Name === "*") at.at("name").report({ given: Name, allowed: "one service with tcp", fix: "name it" });
    if (known(Hosts) && Hosts.length > 0) {
      at.at("hosts").report({ given: Hosts, allowed: "none with tcp, which has no host names", fix: "remove them" });
    }
  });
}

function checkLinkedService(service: ApiConsulLinkedService, place: Place): void {
  const { Name, CAFile, CertFile, KeyFile, SNI } = service;
  expectText(place.at("name"), Name, "name the service in Consul");
  if (isMissing(CAFile) && !(isMissing(CertFile) && isMissing(KeyFile) && isMissing(SNI))) {
    place.at("caFile").report({ given: CAFile, allowed: "the CA of the service, for TLS", fix: "give its file" });
  }
  if (isMissing(CertFile) !== isMissing(KeyFile)) {
    const [word, other] = isMissing(CertFile) ? ["certFile", "keyFile"] : ["keyFile", "certFile"];
    place.at(word).report({ given: undefined, allowed: `it together with ${other}`, fix: "give both" });
  }
}
