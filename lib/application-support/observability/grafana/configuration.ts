import { type Dashboard, dashboardModel, dataSources } from "../dashboards";
import { observabilityServices } from "../services";

/** Which stores there are to ask. */
export interface GrafanaSources {
  readonly prometheus: boolean;
  readonly alertmanager: boolean;
  readonly loki: boolean;
  readonly tempo: boolean;
}

/** Data sources as Grafana is provisioned with: each is a service of the mesh at a port of its own loopback. */
export function dataSourceFile(there: GrafanaSources): object {
  const { prometheus, alertmanager, loki, tempo } = observabilityServices;
  const source = (
    name: string,
    known: { readonly type: string; readonly uid: string },
    port: number,
    more: object = {},
  ) => ({
    name,
    ...known,
    access: "proxy",
    url: `http://127.0.0.1:${port}`,
    editable: false,
    ...more,
  });
  const trace = { name: "trace", matcherRegex: '"?trace_?[iI][dD]"?[:=]"?(\\w+)', url: "$${__value.raw}" };
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      ...(there.prometheus
        ? [
            source("Prometheus", dataSources.prometheus, prometheus.port, {
              isDefault: true,
              jsonData: { httpMethod: "POST", timeInterval: "15s" },
            }),
          ]
        : []),
      ...(there.alertmanager
        ? [
            source("Alertmanager", dataSources.alertmanager, alertmanager.port, {
              jsonData: { implementation: "prometheus" },
            }),
          ]
        : []),
      ...(there.loki
        ? [
            source("Loki", dataSources.loki, loki.port, {
              jsonData: there.tempo ? { derivedFields: [{ ...trace, datasourceUid: dataSources.tempo.uid }] } : {},
            }),
          ]
        : []),
      ...(there.tempo
        ? [
            source("Tempo", dataSources.tempo, tempo.port, {
              jsonData: there.loki
                ? { tracesToLogsV2: { datasourceUid: dataSources.loki.uid, filterByTraceID: true } }
                : {},
            }),
          ]
        : []),
    ],
  };
}

/** Where dashboards are read from. */
export const dashboardProvider = {
  apiVersion: 1,
  providers: [
    {
      name: "caravan",
      folder: "Caravan",
      type: "file",
      disableDeletion: true,
      allowUiUpdates: false,
      options: { path: "/local/dashboards" },
    },
  ],
};

/** The files of dashboards, by name: those of this library, and models that somebody else made. */
export function dashboardFiles(
  own: readonly Dashboard[],
  given: Readonly<Record<string, object>> = {},
): Readonly<Record<string, string>> {
  const models = [
    ...own.map((dashboard) => [dashboard.uid, dashboardModel(dashboard)] as const),
    ...Object.entries(given),
  ];
  return Object.fromEntries(models.map(([name, model]) => [`${name}.json`, JSON.stringify(model)]));
}
