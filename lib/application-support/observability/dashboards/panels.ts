import type { Panel, Query, Unit } from "./builder";

/** A graph over time. */
export function graph(
  title: string,
  unit: Unit,
  queries: Query | readonly Query[],
  more: {
    readonly stacked?: boolean;
    readonly width?: number;
    readonly description?: string;
    readonly max?: number;
  } = {},
): Panel {
  return { kind: "graph", title, unit, queries: [queries].flat(), ...more };
}

/** A figure as it is now. */
export function figure(
  title: string,
  expr: string,
  more: {
    readonly unit?: Unit;
    readonly thresholds?: { readonly warn: number; readonly bad: number };
    readonly description?: string;
    readonly legend?: string;
    readonly width?: number;
  } = {},
): Panel {
  const { legend, ...rest } = more;
  return { kind: "figure", title, queries: [{ expr, ...(legend === undefined ? {} : { legend }) }], ...rest };
}

/** Lines of Loki. */
export function lines(title: string, expr: string): Panel {
  return { kind: "lines", title, queries: [{ expr }] };
}

/** More is worse. */
export const none = { warn: 0.5, bad: 1 } as const;

/** 1 is well, 0 is not. */
export const well = { warn: 1, bad: 0.5 } as const;
