import type { ApiConsulGateway, ApiConsulIngressListener, ApiConsulLinkedService } from "../generated/api";
import type { Place } from "../problems";
import { expectOneOf, expectRange, expectText, isMissing, known } from "./expect";

export function checkGateway(gateway: ApiConsulGateway, place: Place): void {
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
