import { expect } from "vitest";

/** What is wrong, the props that are, the property as it is named, the value as it is shown, and a part of the fix. */
export type WrongProps = readonly [what: string, props: object, property: string, given: string, fix: string];

/** Expects a mistake to be told with its property, value, rule and fix. */
export function expectMistake(make: () => unknown, stack: string, [, , property, given, fix]: WrongProps): void {
  let message = "";
  try {
    make();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(new RegExp(`^${stack}: \\d+ mistakes? in its props\n`));
  const at = message.indexOf(`  ${property}: given ${given}\n`);
  expect(at, message).toBeGreaterThan(0);
  const block = message.slice(at).split("\n").slice(0, 3);
  expect(block).toEqual([
    `  ${property}: given ${given}`,
    expect.stringMatching(/^ {4}allowed: \S/),
    expect.stringMatching(/^ {4}fix: {5}\S/),
  ]);
  expect(block[2]).toContain(fix);
}
