/** The sections of a systemd unit file. A list is an option given several times, in this order. */
export type Unit = Readonly<Record<string, Readonly<Record<string, string | readonly string[] | undefined>>>>;

/** A unit file. */
export function unitFile(unit: Unit): string {
  return Object.entries(unit)
    .map(([section, options]) => {
      const lines = Object.entries(options).flatMap(([name, value]) =>
        (value === undefined ? [] : typeof value === "string" ? [value] : value).map((one) => `${name}=${one}\n`),
      );
      return `[${section}]\n${lines.join("")}`;
    })
    .join("\n");
}

/**
 * What a network service that only reads and writes its own directories can do without. Vault, Consul, Nomad's servers and Vault
 * Agent run with all of it.
 */
export const sandbox = {
  NoNewPrivileges: "yes",
  CapabilityBoundingSet: "",
  AmbientCapabilities: "",
  ProtectSystem: "strict",
  ProtectHome: "yes",
  ProtectProc: "invisible",
  ProtectClock: "yes",
  ProtectHostname: "yes",
  ProtectControlGroups: "yes",
  ProtectKernelLogs: "yes",
  ProtectKernelModules: "yes",
  ProtectKernelTunables: "yes",
  PrivateDevices: "yes",
  PrivateTmp: "yes",
  PrivateUsers: "yes",
  LockPersonality: "yes",
  MemoryDenyWriteExecute: "yes",
  RemoveIPC: "yes",
  RestrictAddressFamilies: "AF_INET AF_INET6 AF_NETLINK AF_UNIX",
  RestrictNamespaces: "yes",
  RestrictRealtime: "yes",
  RestrictSUIDSGID: "yes",
  SystemCallArchitectures: "native",
  SystemCallFilter: ["@system-service", "~@privileged @resources"],
  // What a runtime only tries (such as a higher limit) is refused, not punished.
  SystemCallErrorNumber: "EPERM",
  UMask: "0077",
  // Memory holds keys: neither swap nor a core dump may.
  MemorySwapMax: "0",
  LimitCORE: "0",
} as const;

/** What a service can do without that only tells systemd to do something. */
export const messenger = {
  NoNewPrivileges: "yes",
  CapabilityBoundingSet: "",
  ProtectSystem: "strict",
  ProtectHome: "yes",
  ProtectKernelModules: "yes",
  ProtectKernelTunables: "yes",
  ProtectControlGroups: "yes",
  PrivateDevices: "yes",
  PrivateNetwork: "yes",
  PrivateTmp: "yes",
  LockPersonality: "yes",
  MemoryDenyWriteExecute: "yes",
  RestrictAddressFamilies: "AF_UNIX",
  RestrictNamespaces: "yes",
  RestrictRealtime: "yes",
  RestrictSUIDSGID: "yes",
  SystemCallArchitectures: "native",
  SystemCallFilter: "@system-service",
  UMask: "0077",
} as const;

/**
 * A service that comes back whatever ended it, six times a minute at most, for as long as it takes: a node heals when its cloud
 * does, and what waits for it shows in `caravan-node status`.
 */
export const restart = { Restart: "always", RestartSec: "10" } as const;
export const unlimited = { StartLimitIntervalSec: "0" } as const;

/** Network is up, names resolve. */
export const online = { Wants: "network-online.target", After: "network-online.target" } as const;
