import { CaravanError } from "../../core/errors";
import { planLines, stateNote } from "./plan-text";
import { countText, countVerbs, destroys, type StackPlan } from "./stack-plan";

export interface PlanComment {
  readonly environment: string;
  /** The commit that was planned. */
  readonly commit: string;
  readonly plans: readonly StackPlan[];
  /** Address of the run that planned, where everything can be read. */
  readonly runUrl?: string;
  /** What else the pipeline found: failed checks, policy findings. */
  readonly findings?: readonly string[];
  /**
   * The most characters that the comment may have.
   *
   * @default 65536 - GitHub's limit
   */
  readonly limit?: number;
}

/** GitHub refuses longer comments: "body is too long (maximum is 65536 characters)". */
const GITHUB_LIMIT = 65_536;

/** By this mark a comment is found again, to be edited in place. */
export function commentMark(environment: string): string {
  return `<!-- caravan:plan:${environment} -->`;
}

/**
 * The one comment of a pull request: what would happen to each stack, destroys first, the rest folded. Every destroy stands
 * in it, if need be at the cost of everything else.
 *
 * @throws CaravanError if not even the table fits
 */
export function planComment(comment: PlanComment): string {
  const { environment, commit, plans, runUrl, findings = [], limit = GITHUB_LIMIT } = comment;
  const more = runUrl === undefined ? "the log of the run" : `[the run](${runUrl})`;
  const head = [
    commentMark(environment),
    `### Plan of ${environment}: ${verdict(plans, findings)}`,
    "",
    "| stack | state | create | update | replace | delete | |",
    "|---|---|---:|---:|---:|---:|---|",
    ...plans.map(tableRow),
    "",
    `Commit \`${commit}\`. The merge applies exactly this, or stops and asks. Everything: ${more}.`,
    "",
  ].join("\n");
  if (head.length > limit) throw new CaravanError(`${plans.length} stacks do not fit into one comment.`);

  const room = new Room(limit - head.length, more);
  const parts = [
    ...plans.filter(({ meaning }) => meaning?.changes.some(destroys)).map((plan) => destroyBlock(plan, room)),
    ...(findings.length === 0 ? [] : [room.block("Findings", findings, { open: true })]),
    ...plans
      .filter(({ message }) => message !== undefined)
      .map(({ stack, message = "" }) => room.block(`${stack}: error`, message.split("\n"), { open: true })),
    ...plans
      .filter(({ meaning, jobs = [] }) => (meaning !== undefined && meaning.changes.length > 0) || jobs.length > 0)
      .map((plan) => room.block(`${plan.stack}: ${countText(plan.meaning)}`, planLines(plan), { language: "diff" })),
  ];
  return head + parts.join("");
}

function verdict(plans: readonly StackPlan[], findings: readonly string[]): string {
  const count = plans.reduce((sum, { meaning }) => sum + (meaning?.changes.filter(destroys).length ?? 0), 0);
  const errors = plans.filter(({ state }) => state === "error").length;
  const words = [
    ...(errors > 0 ? [`${errors} of ${plans.length} stacks cannot be planned`] : []),
    ...(findings.length > 0 ? [`${findings.length} findings`] : []),
    ...(count > 0 ? [`**${count} to destroy**`] : []),
  ];
  if (words.length > 0) return words.join(", ");
  return plans.every(({ state }) => state === "no change") ? "no change" : "nothing is destroyed";
}

function tableRow(plan: StackPlan): string {
  const { create, update, replace, delete: deleted } = countVerbs(plan.meaning);
  const state = plan.state === "destroys" || plan.state === "error" ? `**${plan.state}**` : plan.state;
  const cells = plan.meaning === undefined ? ["", "", "", ""] : [create, update, replace, deleted];
  return `| ${[plan.stack, state, ...cells, stateNote(plan) ?? ""].join(" | ")} |`;
}

function destroyBlock(plan: StackPlan, room: Room): string {
  const changes = plan.meaning?.changes.filter(destroys) ?? [];
  const title = `${plan.stack}: destroys ${changes.length}`;
  const plain = changes.map(({ verb, address }) => `- ${verb} ${address}`);
  if (room.fits(title, plain)) return room.block(title, plain, { language: "diff", open: true });
  // A type said once for all its resources: half the length.
  const byType = new Map<string, string[]>();
  for (const { verb, address } of changes) {
    const cut = address.lastIndexOf(".", address.includes("[") ? address.indexOf("[") : undefined) + 1;
    const group = `- ${verb} ${address.slice(0, cut)}*:`;
    byType.set(group, [...(byType.get(group) ?? []), address.slice(cut)]);
  }
  const grouped = [...byType].flatMap(([group, names]) => [group, `    ${names.join(" ")}`]);
  return room.block(title, grouped, { language: "diff", open: true });
}

/** What is left of a comment's characters. */
class Room {
  constructor(
    private left: number,
    private readonly more: string,
  ) {}

  fits(title: string, lines: readonly string[]): boolean {
    return this.wrap(title, lines, { open: true, language: "diff" }).length <= this.left;
  }

  /** A folded block of lines. What does not fit is counted; where not even that fits, there is no block. */
  block(title: string, lines: readonly string[], options: BlockOptions): string {
    let kept = lines.length;
    let text = this.wrap(title, lines, options);
    // Lines differ in length: take away in ever smaller steps.
    while (text.length > this.left && kept > 0) {
      const over = text.length - this.left;
      const average = Math.max(1, Math.ceil(text.length / (kept + 1)));
      kept = Math.max(0, kept - Math.max(1, Math.floor(over / average)));
      text = this.wrap(title, lines.slice(0, kept), options, lines.length - kept);
    }
    if (text.length > this.left) return "";
    this.left -= text.length;
    return text;
  }

  private wrap(
    title: string,
    lines: readonly string[],
    { open = false, language = "" }: BlockOptions,
    cut = 0,
  ): string {
    const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
    const fence = "`".repeat(longest + 1);
    return [
      `<details${open ? " open" : ""}><summary>${escapeHtml(title)}</summary>`,
      "",
      ...(lines.length > 0 ? [`${fence}${language}`, ...lines, fence] : []),
      ...(cut > 0 ? [`${cut} more lines: ${this.more}.`] : []),
      "</details>",
      "",
      "",
    ].join("\n");
  }
}

interface BlockOptions {
  readonly language?: string;
  readonly open?: boolean;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
