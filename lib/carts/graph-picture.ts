import type { CartGraph } from "./graph";

/**
 * Who calls whom, as a flow chart of Mermaid, which GitHub and GitLab draw: a box for each Cart, arrows with the service
 * that is called. What another stack provides is round; what is exposed hangs on the gateway.
 */
export function graphPicture({ carts, services }: CartGraph): string {
  const ids = new Map(carts.map(({ name }, index) => [name, `c${index}`]));
  const others = new Map<string, string>();
  const outside = (service: string) => {
    const id = others.get(service) ?? `x${others.size}`;
    others.set(service, id);
    return id;
  };
  const arrows = new Set<string>();
  for (const { name, calls, after } of carts) {
    const from = ids.get(name);
    for (const { to, external, startsWithout } of calls) {
      const target = external ? outside(to) : ids.get(services.get(to)?.cart ?? "");
      if (target !== undefined) arrows.add(`  ${from} ${startsWithout ? "-.->" : "-->"}|${to}| ${target}`);
    }
    for (const { cart } of after) if (ids.has(cart)) arrows.add(`  ${from} -.->|after| ${ids.get(cart)}`);
  }
  const exposed = carts.flatMap(({ name, exposures }) =>
    exposures.map(
      ({ host, path }) => `  gateway -->|${escaped(`${host}${path === "/" ? "" : path}`)}| ${ids.get(name)}`,
    ),
  );
  return [
    "flowchart LR",
    ...carts.map(
      ({ name, jobs }) =>
        `  ${ids.get(name)}["<b>${escaped(name)}</b><br/>${jobs.map(({ id }) => escaped(id)).join("<br/>")}"]`,
    ),
    ...[...others].map(([service, id]) => `  ${id}(["${escaped(service)}"])`),
    ...(exposed.length === 0 ? [] : ['  gateway{{"gateway"}}', ...exposed]),
    ...arrows,
    "",
  ].join("\n");
}

/** Text in Mermaid's quotes: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
function escaped(text: string): string {
  return text.replace(/[#"<>|]/g, (character) => `#${character.charCodeAt(0)};`);
}
