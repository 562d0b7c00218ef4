/** Uids of the data sources, by which panels name them. */
export const dataSources = {
  prometheus: { type: "prometheus", uid: "prometheus" },
  loki: { type: "loki", uid: "loki" },
  tempo: { type: "tempo", uid: "tempo" },
  alertmanager: { type: "alertmanager", uid: "alertmanager" },
} as const;

/** Units as Grafana names them. */
export type Unit =
  | "short"
  | "none"
  | "percent"
  | "percentunit"
  | "bytes"
  | "Bps"
  | "s"
  | "ms"
  | "reqps"
  | "ops"
  | "dateTimeFromNow";

export interface Query {
  /** PromQL, or LogQL in a panel of lines. */
  readonly expr: string;
  /** How a series is called: `{{instance}}`. */
  readonly legend?: string;
}

interface PanelBase {
  readonly title: string;
  /** What is seen here, and what is to be worried about. */
  readonly description?: string;
  readonly queries: readonly Query[];
  /** Of 24 columns. @default 12, figures 4, lines 24 */
  readonly width?: number;
}

/** What a dashboard shows. */
export type Panel =
  | (PanelBase & { readonly kind: "graph"; readonly unit?: Unit; readonly stacked?: boolean; readonly max?: number })
  | (PanelBase & {
      readonly kind: "figure";
      readonly unit?: Unit;
      /** Green below the first, orange below the second, red above; or the other way round where more is better. */
      readonly thresholds?: { readonly warn: number; readonly bad: number };
    })
  | (PanelBase & { readonly kind: "lines" });

/** A choice above the dashboard: the values of a label. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** Where its values are: a series and its label. */
  readonly values: { readonly series: string; readonly label: string };
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Its id in addresses: at most 40 letters, digits, `-` and `_`, and never changed. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly variables?: readonly Variable[];
  readonly rows: readonly Row[];
}

/** Version of the model that this is written in; Grafana raises older ones itself. */
const SCHEMA_VERSION = 39;

const COLUMNS = 24;

/**
 * The JSON model of a dashboard, as Grafana is provisioned with.
 *
 * https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function dashboardModel(dashboard: Dashboard): object {
  const { uid, title, description, tags, variables = [], rows } = dashboard;
  return {
    id: null,
    uid,
    title,
    description,
    tags: ["caravan", ...tags],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    timezone: "browser",
    annotations: { list: [] },
    links: [
      {
        type: "dashboards",
        title: "Caravan",
        tags: ["caravan"],
        asDropdown: true,
        includeVars: false,
        keepTime: true,
        targetBlank: false,
      },
    ],
    templating: { list: variables.map(variableModel) },
    panels: layout(rows),
  };
}

function variableModel({ name, label, values }: Variable): object {
  const query = `label_values(${values.series}, ${values.label})`;
  return {
    type: "query",
    name,
    label,
    datasource: dataSources.prometheus,
    definition: query,
    query: { query, refId: `Variable-${name}` },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { selected: true, text: ["All"], value: ["$__all"] },
  };
}

/** Panels from left to right, each row of the dashboard below the one before. */
function layout(rows: readonly Row[]): object[] {
  let y = 0;
  let id = 0;
  return rows.flatMap(({ title, panels }) => {
    const placed: object[] = [
      { id: ++id, type: "row", title, collapsed: false, panels: [], gridPos: { x: 0, y, w: COLUMNS, h: 1 } },
    ];
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      const { w, h } = sizeOf(panel);
      if (x + w > COLUMNS) {
        x = 0;
        y += height;
        height = 0;
      }
      placed.push({ id: ++id, ...panelModel(panel), gridPos: { x, y, w, h } });
      x += w;
      height = Math.max(height, h);
    }
    y += height;
    return placed;
  });
}

function sizeOf({ kind, width }: Panel): { readonly w: number; readonly h: number } {
  if (kind === "figure") return { w: width ?? 4, h: 4 };
  return kind === "lines" ? { w: width ?? COLUMNS, h: 10 } : { w: width ?? 12, h: 8 };
}

function panelModel(panel: Panel): object {
  const datasource = panel.kind === "lines" ? dataSources.loki : dataSources.prometheus;
  const targets = panel.queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    datasource,
    expr,
    ...(panel.kind === "figure" ? { instant: true, range: false } : { range: true }),
    ...(legend === undefined ? {} : { legendFormat: legend }),
  }));
  const common = { title: panel.title, description: panel.description ?? "", datasource, targets };
  if (panel.kind === "lines") {
    return { ...common, type: "logs", options: { showTime: true, wrapLogMessage: true, sortOrder: "Descending" } };
  }
  const unit = panel.unit ?? "short";
  if (panel.kind === "graph") {
    const custom = { lineWidth: 1, fillOpacity: panel.stacked ? 30 : 5, showPoints: "never" };
    const stacking = panel.stacked ? { stacking: { mode: "normal", group: "A" } } : {};
    return {
      ...common,
      type: "timeseries",
      fieldConfig: {
        defaults: {
          unit,
          min: 0,
          ...(panel.max === undefined ? {} : { max: panel.max }),
          custom: { ...custom, ...stacking },
        },
        overrides: [],
      },
      options: {
        legend: { displayMode: "table", placement: "bottom", showLegend: true, calcs: ["lastNotNull", "max"] },
        tooltip: { mode: "multi", sort: "desc" },
      },
    };
  }
  return {
    ...common,
    type: "stat",
    fieldConfig: { defaults: { unit, thresholds: steps(panel.thresholds) }, overrides: [] },
    options: {
      colorMode: "value",
      graphMode: "none",
      textMode: "auto",
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    },
  };
}

function steps(thresholds: { readonly warn: number; readonly bad: number } | undefined): object {
  if (thresholds === undefined) return { mode: "absolute", steps: [{ color: "blue", value: null }] };
  const { warn, bad } = thresholds;
  const colors = warn < bad ? (["green", "orange", "red"] as const) : (["red", "orange", "green"] as const);
  const values = warn < bad ? [warn, bad] : [bad, warn];
  return {
    mode: "absolute",
    steps: colors.map((color, index) => ({ color, value: index === 0 ? null : (values[index - 1] ?? null) })),
  };
}
