import { dashboards } from "../../../lib/application-support/observability/dashboards";
import { alertGroups } from "../../../lib/application-support/observability/rules";

const WORDS = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan"]);

/** The series that a query names. */
export function seriesOf(query: string): string[] {
  const bare = query
    .replace(/"(?:[^"\\]|\\.)*"/g, "")
    .replace(/\{[^}]*\}/g, "")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, "")
    .replace(/\boffset\s+\w+/g, "");
  const names = [...bare.matchAll(/(?<![\w.])([a-zA-Z_:][\w:]*)(?!\s*\(|[\w:])/g)].map(([, name = ""]) => name);
  return [...new Set(names)].filter((name) => !WORDS.has(name.toLowerCase()));
}

/** A query as it is asked: choices of a dashboard stand for anything. */
export const filledIn = (query: string) => query.replace(/\$[a-z]+/g, ".*");

/** Every query of rules and dashboards in PromQL, by where it stands. */
export function everyQuery(): { readonly where: string; readonly query: string }[] {
  const rules = alertGroups({ vault: 3, consul: 3, nomad: 3 }).flatMap(({ rules }) =>
    rules.map(({ alert, expr }) => ({ where: alert, query: expr })),
  );
  const panels = dashboards.flatMap(({ uid, rows, variables = [] }) => [
    ...variables.map(({ name, values }) => ({ where: `${uid} $${name}`, query: filledIn(values.series) })),
    ...rows.flatMap(({ panels }) =>
      panels
        .filter(({ kind }) => kind !== "lines")
        .flatMap(({ title, queries }) =>
          queries.map(({ expr }) => ({ where: `${uid}: ${title}`, query: filledIn(expr) })),
        ),
    ),
  ]);
  return [...rules, ...panels];
}

/** Series that only a condition makes, which this test does not bring about. */
export const conditional: Readonly<Record<string, string>> = {
  probe_ssl_earliest_cert_expiry: "a server with TLS; those of this test are plain",
  nomad_client_allocs_oom_killed: "a task that the kernel ended for want of memory (Nomad's task_runner counts it)",
};
