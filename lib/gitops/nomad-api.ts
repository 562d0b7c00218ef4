import { readFileSync } from "node:fs";
import { ask } from "../operate/http";
import type { NomadApi } from "./nomad-jobs";

const TIMEOUT_MS = 30_000;

/** Nomad by the variables that everybody knows, or nothing without `NOMAD_ADDR`. */
export function nomadOf(env: Readonly<Record<string, string | undefined>>): NomadApi | undefined {
  const { NOMAD_ADDR: address, NOMAD_TOKEN: token, NOMAD_CACERT: file, NOMAD_TLS_SERVER_NAME: serverName } = env;
  if (!address) return undefined;
  const ca = file ? readFileSync(file, "utf8") : undefined;
  return {
    call: async (method, path, body) => {
      const answer = await ask({
        url: new URL(path, address).href,
        method,
        ca,
        serverName: serverName || undefined,
        headers: token ? { "x-nomad-token": token } : {},
        body: body === undefined ? undefined : JSON.stringify(body),
        timeoutMs: TIMEOUT_MS,
      });
      return { status: answer.status, body: answer.body.toString("utf8") };
    },
  };
}
