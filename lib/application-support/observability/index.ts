export type { AlertmanagerSettings } from "./alertmanager/alertmanager";
export type { AlertReceiver, AlertRouting, ReceiverSecret } from "./alertmanager/configuration";
export { type CollectorSettings, nodeLogs } from "./collector/collector";
export {
  type Dashboard,
  dashboardModel,
  type Panel,
  type Query,
  type Row,
  type Unit,
  type Variable,
} from "./dashboards";
export type { GrafanaSettings } from "./grafana/grafana";
export type { GrafanaSignIn } from "./grafana/sign-in";
export { defaultObservabilityImages, type ObservabilityImages } from "./images";
export type { LokiSettings } from "./logs/loki";
export { withEnvoyMetrics } from "./mesh-service";
export { Observability, type ObservabilityProps, type ObservabilitySettings } from "./observability";
export type { PrometheusSettings } from "./prometheus/prometheus";
export { type AlertGroup, type AlertRule, alertGroups } from "./rules";
export type { ObjectStore, Storage, StorageVolume } from "./storage";
export type { TempoSettings } from "./traces/tempo";
