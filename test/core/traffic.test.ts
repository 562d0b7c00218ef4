import { describe, expect, test } from "vitest";
import { dynamicPorts, ports, type TrafficRole, traffic, trafficBetween } from "../../lib/core/traffic";

const open = (from: TrafficRole, to: TrafficRole) =>
  trafficBetween([from], [to]).map(({ protocol, fromPort, toPort }) =>
    fromPort === toPort ? `${protocol} ${fromPort}` : `${protocol} ${fromPort}-${toPort}`,
  );

describe("the traffic table", () => {
  test.each<[TrafficRole, TrafficRole, string[]]>([
    ["vaultServer", "vaultServer", ["tcp 8200", "tcp 8201"]],
    ["consulServer", "consulServer", ["tcp 8300", "tcp 8301", "udp 8301"]],
    ["nomadServer", "nomadServer", ["tcp 4647", "tcp 4648", "udp 4648"]],
    ["worker", "consulServer", ["tcp 8300", "tcp 8301", "udp 8301", "tcp 8501"]],
    ["worker", "nomadServer", ["tcp 4647", "tcp 4646"]],
    ["worker", "worker", ["tcp 8301", "udp 8301", "tcp 4646", "tcp 20000-32000", "udp 20000-32000"]],
    ["worker", "machineBalancer", ["tcp 8200", "tcp 8501", "tcp 4646"]],
    ["privateRunner", "machineBalancer", ["tcp 8200", "tcp 8501", "tcp 4646"]],
    ["tunnel", "machineBalancer", ["tcp 8200", "tcp 8501", "tcp 4646"]],
    ["machineBalancer", "vaultServer", ["tcp 8200"]],
    ["peopleBalancer", "worker", ["tcp 8443"]],
    ["people", "peopleBalancer", ["tcp 443", "tcp 80"]],
  ])("%s to %s", (from, to, expected) => expect(open(from, to)).toEqual(expected));

  test.each<[TrafficRole, TrafficRole]>([
    ["people", "vaultServer"],
    ["people", "worker"],
    ["people", "machineBalancer"],
    ["tunnel", "vaultServer"],
    ["privateRunner", "nomadServer"],
    ["vaultServer", "worker"],
    ["outside", "worker"],
    ["nomadServer", "worker"],
    ["vaultServer", "nomadServer"],
  ])("%s cannot reach %s", (from, to) => expect(open(from, to)).toEqual([]));

  test("nobody reaches Vault's cluster port but Vault's servers", () => {
    expect(traffic.filter(({ fromPort }) => fromPort === ports.vaultCluster).map(({ from }) => from)).toEqual([
      "vaultServer",
    ]);
  });

  test("no row opens a plain port of a product, remote shells, or DNS of Consul", () => {
    const covered = (port: number) => traffic.filter(({ fromPort, toPort }) => fromPort <= port && port <= toPort);
    for (const port of [22, 3389, 8500, 8502, 8302, 8600]) expect(covered(port)).toEqual([]);
  });

  test("a purpose fits every firewall's description", () => {
    for (const { purpose } of traffic) expect(purpose).toMatch(/^[A-Za-z0-9 ,]{1,60}$/);
  });

  test("a machine of several roles gets each opening once", () => {
    const both: TrafficRole[] = ["vaultServer", "consulServer", "nomadServer"];
    const rows = trafficBetween(both, ["machineBalancer"]);
    expect(rows.map(({ fromPort }) => fromPort)).toEqual([ports.vault, ports.consul, ports.nomad]);
    expect(trafficBetween(both, both).map(({ protocol, fromPort }) => `${protocol} ${fromPort}`)).toEqual([
      "tcp 8200",
      "tcp 8201",
      "tcp 8300",
      "tcp 8301",
      "udp 8301",
      "tcp 4647",
      "tcp 4648",
      "udp 4648",
    ]);
  });

  test("jobs' ports lie apart from what agents listen on", () => {
    for (const port of Object.values(ports)) expect(port < dynamicPorts.from || port > dynamicPorts.to).toBe(true);
  });
});
