import type { Product } from "../node/products";
import type { MachineGroup } from "./cloud";
import type { ProductHealth } from "./health";
import { quorum, tolerance, votersOf } from "./quorum";

/** `down`: a product does no work. `degraded`: the next loss may be one too many. `warning`: somebody has something to do. */
export type Severity = "down" | "degraded" | "warning";

export interface Finding {
  readonly severity: Severity;
  /** A product, a server group as `"group main"`, or `"environment"`. */
  readonly about: string;
  readonly what: string;
  /** What to do, as an imperative. */
  readonly fix: string;
}

/** What was seen of an environment. */
export interface Observation {
  readonly environment: string;
  /** The products of each server group. */
  readonly groups: Readonly<Record<string, readonly Product[]>>;
  readonly products: readonly ProductHealth[];
  /** Machines by server group; not there without a cloud. */
  readonly machines?: Readonly<Record<string, MachineGroup>>;
  /** When each product's last snapshot was saved, ISO 8601; `null` where there is none. */
  readonly snapshots?: Readonly<Partial<Record<Product, string | null>>>;
  /** Products whose bootstrap token is still good. */
  readonly bootstrapTokens?: readonly Product[];
  /** What could not be looked at, and why. */
  readonly unseen: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** Snapshots are saved every hour; a day without one is what `caravan-node status` fails at. */
const SNAPSHOT_HOURS = 25;
/** Vault Agent renews certificates of 30 days long before. */
const CERTIFICATE_DAYS = 3;
const HOUR_MS = 3_600_000;

/** What is to be said about an environment, the worst first. */
export function judge(seen: Observation): Finding[] {
  const found = [
    ...seen.products.flatMap((health) => judgeProduct(seen, health)),
    ...Object.entries(seen.machines ?? {}).flatMap(([name, group]) => judgeGroup(name, group)),
    ...judgeSnapshots(seen),
    ...(seen.bootstrapTokens ?? []).map(
      (product): Finding => ({
        severity: "warning",
        about: product,
        what: "its bootstrap token is still good",
        fix: "once the platform layer is applied and CI signs in by itself: caravan retire-bootstrap",
      }),
    ),
  ];
  const order: readonly Severity[] = ["down", "degraded", "warning"];
  return found.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/** The worst that was found, warnings aside. */
export function verdict(findings: readonly Finding[]): "healthy" | "degraded" | "down" {
  const severities = new Set(findings.map(({ severity }) => severity));
  if (severities.has("down")) return "down";
  return severities.has("degraded") ? "degraded" : "healthy";
}

function judgeProduct(seen: Observation, health: ProductHealth): Finding[] {
  const { product } = health;
  const say = (severity: Severity, what: string, fix: string): Finding => ({ severity, about: product, what, fix });
  const look = `on its servers: caravan-node status, journalctl -u ${product}`;
  if (health.unreachable !== undefined) {
    return [
      say(
        "down",
        `no answer: ${health.unreachable}`,
        "see that its address can be reached from here, then look on its servers",
      ),
    ];
  }
  if (health.initialized === false) {
    return [
      say(
        "down",
        "not initialised yet",
        "give first boot some minutes, then look at the servers' serial consoles: journalctl -u caravan-first-boot",
      ),
    ];
  }
  if (health.sealed === true) {
    return [say("down", "sealed", "see that its servers can use the seal key: journalctl -u vault")];
  }
  const findings = judgeCertificate(seen, health, say);
  const { leader, servers } = health;
  if (leader === undefined) {
    return [
      say("down", "nobody leads", `start the servers that are stopped; ${look}; docs/operations.md, loss of quorum`),
      ...findings,
    ];
  }
  if (servers === undefined) {
    return [
      ...findings,
      say(
        "warning",
        `its servers are not seen: ${health.unseen ?? "no reason given"}`,
        "act as somebody who may read them",
      ),
    ];
  }
  const wanted = wantedOf(seen, product);
  const voters = votersOf(servers);
  const ill = servers.filter(({ healthy }) => !healthy).map(({ address }) => address);
  if (ill.length > 0) {
    const healthy = voters.filter((server) => server.healthy).length;
    const severity = tolerance(servers) < 0 ? "down" : "degraded";
    const what = `not healthy: ${ill.join(", ")}; ${healthy} of ${voters.length} voters are, ${quorum(voters.length)} are needed`;
    findings.push(say(severity, what, look));
  }
  if (wanted !== undefined && voters.length < wanted) {
    findings.push(say("degraded", `${voters.length} of ${wanted} servers vote`, look));
  }
  const versions = [...new Set(servers.map(({ version }) => version).filter((version) => version !== ""))].sort();
  if (versions.length > 1) {
    findings.push(
      say("warning", `its servers have different versions: ${versions.join(", ")}`, "finish the upgrade: caravan roll"),
    );
  }
  return findings;
}

function judgeCertificate(
  { at }: Observation,
  { certificateEnds, product }: ProductHealth,
  say: (severity: Severity, what: string, fix: string) => Finding,
): Finding[] {
  if (certificateEnds === undefined) return [];
  const days = Math.floor((Date.parse(certificateEnds) - Date.parse(at)) / HOUR_MS / 24);
  if (days >= CERTIFICATE_DAYS) return [];
  return [
    say(
      "degraded",
      `the certificate of a server ends in ${days} days and was not renewed`,
      `on ${product}'s servers: journalctl -u vault-agent`,
    ),
  ];
}

function wantedOf({ groups, machines }: Observation, product: Product): number | undefined {
  const group = Object.keys(groups).find((name) => groups[name]?.includes(product));
  return group === undefined ? undefined : machines?.[group]?.wanted;
}

function judgeGroup(name: string, { wanted, settled, machines }: MachineGroup): Finding[] {
  const findings: Finding[] = [];
  const say = (severity: Severity, what: string, fix: string) =>
    findings.push({ severity, about: `group ${name}`, what, fix });
  const running = machines.filter(({ state }) => state === "running").length;
  const old = machines.filter(({ state, current }) => state !== "leaving" && !current).length;
  if (running < wanted)
    say(
      "degraded",
      `${running} of ${wanted} servers run`,
      "wait for the cloud to start the others; its group's activity says what hinders it",
    );
  if (running > wanted || (!settled && old === 0))
    say("warning", "replacing its servers was not finished", `go on: caravan roll ${name}`);
  if (old > 0) say("warning", `${old} of ${machines.length} servers are of an older recipe`, `caravan roll ${name}`);
  return findings;
}

function judgeSnapshots({ snapshots, at, products }: Observation): Finding[] {
  return Object.entries(snapshots ?? {}).flatMap(([product, saved]): Finding[] => {
    const fix = `on the leader of ${product}: caravan-node snapshot, journalctl -u caravan-snapshot`;
    const say = (severity: Severity, what: string): Finding[] => [{ severity, about: product, what, fix }];
    if (saved === null) {
      const born = products.some((health) => health.product === product && health.leader !== undefined);
      return born ? say("warning", "no snapshot yet") : [];
    }
    const hours = Math.floor((Date.parse(at) - Date.parse(saved ?? at)) / HOUR_MS);
    return hours >= SNAPSHOT_HOURS ? say("degraded", `the last snapshot is ${hours} hours old`) : [];
  });
}
