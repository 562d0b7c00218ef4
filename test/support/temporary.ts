import { afterAll, onTestFinished } from "vitest";
import { Scope } from "./scope";

export { freePort, RunningProcess, type RunResult, run, Scope } from "./scope";

/** A scope that ends with the running test. Call it inside a test. */
export function testScope(): Scope {
  const scope = new Scope();
  onTestFinished(() => scope.close());
  return scope;
}

/** A scope that ends with the suite. Call it where the suite is declared: in `describe` or at the top of the file. */
export function suiteScope(): Scope {
  const scope = new Scope();
  afterAll(() => scope.close());
  return scope;
}
