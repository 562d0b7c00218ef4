import { spawn } from "node:child_process";
import { CaravanError } from "../../core/errors";
import { connect, openTunnel, type Tunnel, type TunnelEnd } from "../../operate";
import { Exit } from "../exit";
import { demandInfrastructure, tunnelName } from "../living";
import type { Settings } from "../settings";
import { announceTunnel } from "../tunnel-file";
import { exportLines, VARIABLES, variablesOf } from "./env";

type Product = keyof typeof VARIABLES;
const PRODUCTS = Object.keys(VARIABLES) as Product[];

export interface TunnelCommandOptions {
  readonly product?: readonly string[];
  readonly localPort?: readonly string[];
  readonly machine?: string;
}

/**
 * `caravan tunnel`: the cloud's own sessions (Session Manager, Bastion, Identity-Aware Proxy) carry ports of this machine to the
 * environment. With a command it lasts as long as the command, which has the variables of `caravan env`; without one until it is
 * interrupted, and every other `caravan` of this person finds its way through it.
 */
export async function tunnel(
  settings: Settings,
  command: readonly string[],
  options: TunnelCommandOptions,
): Promise<void> {
  const only = options.product?.map(productOf);
  const localPorts = Object.fromEntries((options.localPort ?? []).map(localPortOf));
  const outputs = await demandInfrastructure(settings);
  const signals = new Signals();
  const living = await connect(outputs, { env: withoutAddresses(process.env) });
  const opened = await openTunnel(living, {
    timeout: settings.options.timeout,
    signal: signals.aborted,
    report: (line) => settings.output.note(line),
    products: only,
    localPorts,
    machine: options.machine,
  });
  const forget = announceTunnel(tunnelName(outputs), variables(opened.ends));
  try {
    if (command.length > 0) {
      const env = { ...process.env, ...variables(opened.ends) };
      const through = await connect(outputs, { env });
      try {
        await runIn(opened, command, { ...env, ...(await variablesOf(through, settings)) }, signals);
      } finally {
        await through.sessions.close();
      }
      return;
    }
    settings.output.result(
      [
        ...exportLines(variables(opened.ends)),
        "# The tunnel is open until Ctrl-C. Meanwhile, in another shell, caravan finds its way through it:",
        `#   eval "$(caravan env -e ${living.environment})"`,
        ...hostsLines(opened.ends),
      ],
      { environment: living.environment, ends: opened.ends, variables: variables(opened.ends) },
    );
    await Promise.race([opened.done, signals.come]);
  } finally {
    forget();
    await opened.close();
    signals.stop();
  }
}

/** Terraform's providers call a host by its own name, which this machine can be told. */
function hostsLines(ends: readonly TunnelEnd[]): string[] {
  if (ends.some(({ port, localPort }) => port !== localPort)) {
    return ["# Terraform calls each product by its own name and port; here another port had to be taken."];
  }
  return [`# For Terraform, in /etc/hosts: 127.0.0.1 ${ends.map(({ host }) => host).join(" ")}`];
}

function variables(ends: readonly TunnelEnd[]): Record<string, string> {
  return Object.fromEntries(
    ends.flatMap(({ product, localPort, host }) => [
      [VARIABLES[product].address, `https://127.0.0.1:${localPort}`],
      [VARIABLES[product].serverName, host],
    ]),
  );
}

/** The tunnel leads to the machine addresses, whatever the variables say. */
function withoutAddresses(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const addresses = Object.values(VARIABLES).flatMap(({ address, serverName }) => [address, serverName]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !addresses.some((each) => each === name)));
}

/** Runs a command while the tunnel is open, and ends as it ends. */
function runIn(
  opened: Tunnel,
  [program = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  signals: Signals,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: "inherit" });
    signals.passOn((signal) => child.kill(signal));
    opened.done.catch((error: unknown) => {
      child.kill("SIGTERM");
      reject(error);
    });
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new CaravanError(
              `There is no program "${program}" to run in the tunnel. Give a command as a shell finds it.`,
            )
          : error,
      ),
    );
    child.once("close", (code, signal) => {
      if (code === 0) return resolve();
      reject(new Exit(code ?? (signal === "SIGINT" ? 130 : 143)));
    });
  });
}

/** Interrupts: of the opening, of a tunnel without a command, or of that command. */
class Signals {
  private readonly controller = new AbortController();
  private take: ((signal: NodeJS.Signals) => void) | undefined;
  /** Resolves at the first one. */
  readonly come: Promise<void>;

  constructor() {
    this.come = new Promise((resolve) => {
      this.controller.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    for (const signal of SIGNALS) process.on(signal, this.handle);
  }

  get aborted(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on a command is meant. A terminal's Ctrl-C reaches it by itself. */
  passOn(take: (signal: NodeJS.Signals) => void): void {
    this.take = (signal) => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) take(signal);
    };
  }

  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.handle);
  }

  private readonly handle = (signal: NodeJS.Signals): void => {
    if (this.take !== undefined) this.take(signal);
    else this.controller.abort(new CaravanError("The tunnel was interrupted before it was open. Run it again."));
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function productOf(text: string): Product {
  const product = PRODUCTS.find((each) => each === text);
  if (product !== undefined) return product;
  throw new CaravanError(`There is no product "${text}". There are: ${PRODUCTS.join(", ")}.`);
}

function localPortOf(text: string): [Product, number] {
  const [product = "", port = ""] = text.split("=");
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) {
    throw new CaravanError(`--local-port cannot be "${text}". Give a product and a port: --local-port vault=18200`);
  }
  return [productOf(product), number];
}
