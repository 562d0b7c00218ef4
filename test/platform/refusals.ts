import { expect, test } from "vitest";
import { existingInfrastructure, LocalState } from "../../lib";
import { PlatformStack } from "../../lib/platform";
import { testApp } from "../support/synth";

/** Wrong props, what they are, at which property, and what the message says is allowed. */
export type Refusal = readonly [name: string, props: object, property: string, allowed: string];

export const existing = existingInfrastructure({
  environment: "dev",
  vault: { address: "https://vault.example.com:8200" },
  consul: { address: "https://consul.example.com:8501" },
  nomad: { address: "https://nomad.example.com:4646" },
});

/** A platform on servers that exist, in an app of the running test. */
export function platformOf(props: object = {}): PlatformStack {
  const environment = { name: "dev", state: new LocalState() };
  return new PlatformStack(testApp(), "dev-platform", { environment, infrastructure: existing, ...props });
}

/** Each is refused at synth, with its path, what was given, what is allowed and how to mend it. */
export function refuses(rows: readonly Refusal[]): void {
  test.each(rows.map((row) => [...row] as const))("refused at synth: %s", (_, props, property, allowed) => {
    let message = "";
    try {
      platformOf(props);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/^InvalidPropsError: PlatformStack at "dev-platform"/);
    expect(message).toContain(property);
    expect(message).toContain(allowed);
    expect(message).toMatch(/given .+\n {4}allowed: .+\n {4}fix: {5}\S/);
  });
}
