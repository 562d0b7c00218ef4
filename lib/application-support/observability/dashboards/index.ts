import type { Dashboard } from "./builder";
import { consulDashboard } from "./consul";
import { jvmDashboard } from "./jvm";
import { meshDashboard } from "./mesh";
import { nodeDashboard } from "./node";
import { nomadClusterDashboard } from "./nomad-cluster";
import { nomadJobsDashboard } from "./nomad-jobs";
import { vaultDashboard } from "./vault";

export {
  type Dashboard,
  dashboardModel,
  dataSources,
  type Panel,
  type Query,
  type Row,
  type Unit,
  type Variable,
} from "./builder";

/** The dashboards of this library. */
export const dashboards: readonly Dashboard[] = [
  vaultDashboard,
  consulDashboard,
  nomadClusterDashboard,
  nomadJobsDashboard,
  nodeDashboard,
  meshDashboard,
  jvmDashboard,
];
