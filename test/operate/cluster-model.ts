import type { Product } from "../../lib/node/products";
import type { Machine, MachineGroup } from "../../lib/operate/cloud";
import type { ProductHealth, RaftServer } from "../../lib/operate/health";
import { quorum } from "../../lib/operate/quorum";
import type { RollState, RollStep } from "../../lib/operate/roll/next-step";

interface ModelMachine extends Machine {
  state: Machine["state"];
  /** In how many ticks it comes to its next phase. */
  ticks: number;
  recipe: number;
}

interface ModelServer extends RaftServer {
  voter: boolean;
  leader: boolean;
  healthy: boolean;
}

/** A source of choices between 0 and 1; a property test gives it the numbers. */
export type Dice = () => number;

/**
 * A server group with its cloud and its raft, as far as a roll sees them. A machine that starts becomes a voter after some ticks;
 * one that leaves goes from raft and from the cloud, together or one after the other; leaders change; servers flicker.
 */
export class ClusterModel {
  readonly machines: ModelMachine[] = [];
  readonly raft = new Map<Product, ModelServer[]>();
  private born = 0;
  size: number;
  limit: number;

  constructor(
    readonly wanted: number,
    readonly runs: readonly Product[],
    private readonly dice: Dice,
    public recipe = 2,
  ) {
    this.size = wanted;
    this.limit = wanted;
    for (let i = 0; i < wanted; i++) this.start(1, "running");
    for (const product of runs) {
      this.raft.set(
        product,
        this.machines.map((machine) => this.server(machine, true)),
      );
    }
    this.elect();
  }

  state(replace: readonly string[] = []): RollState {
    const machines = this.machines.map(
      ({ ticks: _, recipe, ...machine }): Machine => ({ ...machine, current: recipe === this.recipe }),
    );
    const group: MachineGroup = {
      wanted: this.wanted,
      size: this.size,
      settled: this.size === this.wanted && this.limit === this.wanted,
      machines,
    };
    const products = this.runs.map((product): ProductHealth => {
      const servers = this.servers(product).map((server) => ({ ...server }));
      return {
        product,
        initialized: true,
        sealed: false,
        leader: servers.find(({ leader }) => leader)?.address,
        servers,
      };
    });
    return { runs: this.runs, group, products, replace };
  }

  /** Does what a step says. */
  take(step: RollStep): void {
    if (step.do === "grow") {
      this.size = this.wanted + 1;
      this.limit = this.wanted + 1;
    }
    if (step.do === "settle") {
      this.size = this.wanted;
      this.limit = this.wanted;
    }
    if (step.do === "retire") {
      const machine = this.machines.find(({ id }) => id === step.machine.id);
      if (machine === undefined || machine.state === "leaving") return;
      machine.state = "leaving";
      machine.ticks = 1 + Math.floor(this.dice() * 4);
      if (this.size > this.wanted) this.size -= 1;
    }
  }

  /** A moment later. */
  tick(): void {
    const staying = this.machines.filter(({ state }) => state !== "leaving").length;
    if (staying < this.size && this.dice() < 0.6) this.start(this.recipe, "starting");
    for (const machine of [...this.machines]) {
      machine.ticks -= 1;
      if (machine.ticks > 0) continue;
      if (machine.state === "starting") machine.state = "running";
      else if (machine.state === "running") this.join(machine);
      else this.leave(machine);
    }
    if (this.dice() < 0.1) this.elect();
  }

  /** Healthy voters that a product has beyond its quorum. */
  margin(product: Product): number {
    const voters = this.servers(product).filter(({ voter }) => voter);
    return voters.filter(({ healthy }) => healthy).length - quorum(voters.length);
  }

  /** A server of all products stops working, but its machine stays. */
  fail(index: number): void {
    const machine = this.machines[index];
    if (machine === undefined) return;
    for (const product of this.runs) {
      for (const server of this.servers(product)) {
        if (server.address !== machine.address) continue;
        server.healthy = false;
        server.leader = false;
      }
    }
    this.elect();
  }

  private servers(product: Product): ModelServer[] {
    return this.raft.get(product) ?? [];
  }

  private start(recipe: number, state: "starting" | "running"): void {
    this.born += 1;
    const zone = ["a", "b", "c"][this.born % 3] ?? "a";
    const address = `10.0.0.${this.born}`;
    const ticks = state === "running" ? 0 : 1 + Math.floor(this.dice() * 4);
    this.machines.push({
      id: `i-${this.born}`,
      address,
      state,
      current: true,
      zone,
      launched: this.born,
      ticks,
      recipe,
    });
  }

  private server({ address = "" }: ModelMachine, voter: boolean): ModelServer {
    return { id: address, address, voter, leader: false, healthy: true, version: "1" };
  }

  private join(machine: ModelMachine): void {
    for (const product of this.runs) {
      const servers = this.servers(product);
      const known = servers.find(({ address }) => address === machine.address);
      if (known === undefined) servers.push(this.server(machine, false));
      else known.voter = true;
    }
  }

  /** Some leave raft in good order, some only when the cloud has ended them and autopilot has noticed. */
  private leave(machine: ModelMachine): void {
    const first = this.runs.find((product) => this.servers(product).some(({ address }) => address === machine.address));
    if (first !== undefined) {
      const servers = this.servers(first);
      const server = servers.find(({ address }) => address === machine.address);
      if (server?.healthy && this.dice() < 0.3) server.healthy = false;
      else
        servers.splice(
          servers.findIndex(({ address }) => address === machine.address),
          1,
        );
    } else this.machines.splice(this.machines.indexOf(machine), 1);
    this.elect();
  }

  private elect(): void {
    for (const product of this.runs) {
      const servers = this.servers(product);
      const able = servers.filter(({ voter, healthy }) => voter && healthy);
      const next = this.margin(product) >= 0 ? able[Math.floor(this.dice() * able.length)] : undefined;
      for (const server of servers) server.leader = server === next;
    }
  }
}
