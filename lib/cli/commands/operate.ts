import { CaravanError } from "../../core/errors";
import {
  previewRoll,
  type RotatableToken,
  restore as restoreProduct,
  retireBootstrap as retire,
  roll as rollServers,
  rotateCa,
  rotateGossip,
  rotateToken,
  status as statusOf,
  wait as waitFor,
} from "../../operate";
import { Exit, exitCodes } from "../exit";
import { boundsOf, withLiving } from "../living";
import { table } from "../output";
import type { Settings } from "../settings";

const PRODUCTS = ["vault", "consul", "nomad"] as const;
type Product = (typeof PRODUCTS)[number];
const TOKENS: readonly RotatableToken[] = [
  "consul-agent",
  "consul-nomad",
  "consul-snapshot",
  "consul-operate",
  "consul-vault",
];

/** `caravan wait` */
export async function wait(settings: Settings): Promise<void> {
  const seen = await withLiving(settings, (living) => waitFor(living, boundsOf(settings)));
  settings.output.result([`${seen.environment} does its work.`], seen);
}

/** `caravan status`: the environment, and the last apply of each of its stacks. */
export async function status(settings: Settings, { applies = false }: { readonly applies?: boolean }): Promise<void> {
  const workspace = settings.workspace("");
  const records = await Promise.all(
    workspace.stacks.order.map(async (stack) => [stack.id, await workspace.store(stack).last()] as const),
  );
  const rows = records.map(([id, record]) =>
    record === undefined
      ? [id, "never applied"]
      : [id, record.result, record.commit.slice(0, 12), record.startedAt, record.by.person, record.changes ?? ""],
  );
  if (applies) {
    settings.output.result(table(rows), { applies: Object.fromEntries(records) });
    return;
  }
  const seen = await withLiving(settings, (living) => statusOf(living, boundsOf(settings)));
  settings.output.result(
    [
      `${seen.environment} is ${seen.verdict}.`,
      ...seen.findings.flatMap(({ severity, about, what, fix }) => [`${severity}: ${about}: ${what}`, `  fix: ${fix}`]),
      ...seen.unseen.map((each) => `not looked at: ${each}`),
      "",
      ...table(rows),
    ],
    { ...seen, applies: Object.fromEntries(records) },
  );
  if (seen.verdict !== "healthy") throw new Exit(exitCodes.failed);
}

export interface RollCommandOptions {
  readonly group?: string[];
  readonly replace?: string[];
  readonly dryRun?: boolean;
  readonly outage?: boolean;
  readonly patience?: string;
}

/** `caravan roll` */
export async function roll(
  settings: Settings,
  { group, replace, dryRun, outage, patience }: RollCommandOptions,
): Promise<void> {
  const options = { ...boundsOf(settings), groups: group, replace, outage, patience };
  if (dryRun) {
    const preview = await withLiving(settings, (living) => previewRoll(living, options));
    const lines = preview.groups.map(
      ({ name, due }) => `${name}: ${due.length === 0 ? "nothing to replace" : `would replace ${due.join(", ")}`}`,
    );
    settings.output.result(lines, preview);
    return;
  }
  const result = await withLiving(settings, (living) => rollServers(living, options));
  settings.output.result(
    result.groups.map(
      ({ name, retired }) =>
        `${name}: ${retired.length === 0 ? "nothing to replace" : `replaced ${retired.join(", ")}`}`,
    ),
    result,
  );
}

/** `caravan restore` */
export async function restore(
  settings: Settings,
  [product = ""]: readonly string[],
  { snapshot, confirm = "" }: { readonly snapshot?: string; readonly confirm?: string },
): Promise<void> {
  const options = { ...boundsOf(settings), product: productOf(product), snapshot, confirm };
  const result = await withLiving(settings, (living) => restoreProduct(living, options));
  settings.output.result([`${result.product} of ${result.environment} has the data of ${result.snapshot}.`], result);
}

/** `caravan rotate` */
export async function rotate(
  settings: Settings,
  [what = "", name = ""]: readonly string[],
  { continueOnly }: { readonly continueOnly?: boolean },
): Promise<void> {
  const bounds = boundsOf(settings);
  if (what === "ca") {
    const result = await withLiving(settings, (living) => rotateCa(living, { ...bounds, continueOnly }));
    const next =
      result.command === undefined
        ? []
        : [`Now run on a server: ${result.command}`, "Then: caravan rotate ca --continue-only"];
    settings.output.result(next.length === 0 ? ["The CA is rotated."] : next, result);
    return;
  }
  if (what === "gossip" && (name === "consul" || name === "nomad")) {
    const result = await withLiving(settings, (living) => rotateGossip(living, name, bounds));
    settings.output.result([`${name} has a new gossip key.`], result);
    return;
  }
  const token = TOKENS.find((each) => each === name);
  if (what === "token" && token !== undefined) {
    const result = await withLiving(settings, (living) => rotateToken(living, token, bounds));
    settings.output.result([`${token} is rotated.`], result);
    return;
  }
  throw new CaravanError(
    `There is no "${`${what} ${name}`.trim()}" to rotate. There are: ca; gossip consul; gossip nomad; ${TOKENS.map((each) => `token ${each}`).join("; ")}. docs/rotation.md says when.`,
  );
}

/** `caravan retire-bootstrap` */
export async function retireBootstrap(settings: Settings): Promise<void> {
  const result = await withLiving(settings, (living) => retire(living, boundsOf(settings)));
  settings.output.result(
    [
      ...result.retired.map((product) => `${product}: its bootstrap token is destroyed`),
      ...result.gone.map((product) => `${product}: its bootstrap token was gone before`),
    ],
    result,
  );
}

function productOf(text: string): Product {
  const product = PRODUCTS.find((each) => each === text);
  if (product !== undefined) return product;
  throw new CaravanError(`There is no product "${text}". There are: ${PRODUCTS.join(", ")}.`);
}
