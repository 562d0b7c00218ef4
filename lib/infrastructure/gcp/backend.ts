import {
  ComputeBackendService,
  type ComputeBackendServiceConfig,
} from "@cdktf/provider-google/lib/compute-backend-service";
import { ComputeHealthCheck, type ComputeHealthCheckConfig } from "@cdktf/provider-google/lib/compute-health-check";
import {
  ComputeRegionBackendService,
  type ComputeRegionBackendServiceConfig,
} from "@cdktf/provider-google/lib/compute-region-backend-service";
import {
  ComputeRegionHealthCheck,
  type ComputeRegionHealthCheckConfig,
} from "@cdktf/provider-google/lib/compute-region-health-check";
import { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import type { HealthCheck } from "../health";
import { resourceName } from "./names";
import type { GcpPlace } from "./place";

/**
 * How nodes are reached: TCP passed through inside the region; HTTPS that Google's proxies in the region open and encrypt anew;
 * the same by Google's proxies at the edge of the internet, which take a Cloud Armor policy.
 */
export type GcpBackendForm =
  | { readonly scheme: "INTERNAL"; readonly networkId: string }
  | { readonly scheme: "INTERNAL_MANAGED"; readonly timeoutSeconds: number }
  | { readonly scheme: "EXTERNAL_MANAGED"; readonly timeoutSeconds: number; readonly securityPolicy: string };

export interface GcpBackendTransform {
  /** Laid on each backend inside the region. */
  readonly backend?: Transform<ComputeRegionBackendServiceConfig>;
  /** Laid on each backend that faces the internet. */
  readonly globalBackend?: Transform<ComputeBackendServiceConfig>;
  /** Laid on the health check of each backend inside the region. */
  readonly healthCheck?: Transform<ComputeRegionHealthCheckConfig>;
  /** Laid on the health check of each backend that faces the internet. */
  readonly globalHealthCheck?: Transform<ComputeHealthCheckConfig>;
}

export interface GcpBackendProps extends GcpPlace {
  /** Whose backend it is, and what it serves: `["machine", "vault"]`. */
  readonly name: readonly [balancer: string, service: string];
  readonly form: GcpBackendForm;
  readonly port: number;
  /** What the instance groups call the port, where proxies look for it. */
  readonly portName?: string;
  readonly health: HealthCheck;
  /** The instance groups whose nodes it reaches, by a name of ours. */
  readonly instanceGroups: Readonly<Record<string, string>>;
  readonly transform?: GcpBackendTransform;
}

const DRAINING_SECONDS = 60;

/** Nodes that serve one port behind a load balancer. Their groups grow and shrink in it. */
export class GcpBackend extends Construct {
  readonly id: string;
  /** Short name of the health check, by which its lines in the log are known. */
  readonly healthCheckName: string;

  constructor(scope: Construct, id: string, props: GcpBackendProps) {
    super(scope, id);
    const { project, region, environment, form, transform } = props;
    const name = resourceName(environment, ...props.name);
    const isGlobal = form.scheme === "EXTERNAL_MANAGED";
    const check = { project, name, ...checkOf(props) };
    const healthCheck = isGlobal
      ? new ComputeHealthCheck(this, "health", transformed(transform?.globalHealthCheck, check))
      : new ComputeRegionHealthCheck(this, "health", transformed(transform?.healthCheck, { ...check, region }));
    this.healthCheckName = healthCheck.nameInput ?? name;
    const service = {
      project,
      name,
      loadBalancingScheme: form.scheme,
      healthChecks: [healthCheck.id],
      connectionDrainingTimeoutSec: DRAINING_SECONDS,
    };
    if (form.scheme === "INTERNAL") {
      this.id = new ComputeRegionBackendService(
        this,
        "Default",
        transformed(transform?.backend, {
          ...service,
          region,
          protocol: "TCP",
          network: form.networkId,
          backend: Object.values(props.instanceGroups).map((group) => ({ group, balancingMode: "CONNECTION" })),
        }),
      ).id;
      return;
    }
    const proxied = {
      ...service,
      protocol: "HTTPS",
      portName: props.portName,
      timeoutSec: form.timeoutSeconds,
      logConfig: { enable: true, sampleRate: 1 },
      backend: Object.values(props.instanceGroups).map((group) => ({
        group,
        balancingMode: "UTILIZATION",
        capacityScaler: 1,
      })),
    };
    this.id =
      form.scheme === "EXTERNAL_MANAGED"
        ? new ComputeBackendService(
            this,
            "Default",
            transformed(transform?.globalBackend, { ...proxied, securityPolicy: form.securityPolicy }),
          ).id
        : new ComputeRegionBackendService(this, "Default", transformed(transform?.backend, { ...proxied, region })).id;
  }
}

/**
 * What is asked, and how often. Google takes 200 for well, and nothing else: where more is well it is asked only whether
 * somebody answers over TLS. https://cloud.google.com/load-balancing/docs/health-check-concepts#criteria-protocol-http
 */
function checkOf({ form, port, health }: Pick<GcpBackendProps, "form" | "port" | "health">) {
  return {
    checkIntervalSec: 10,
    timeoutSec: 5,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
    // Alarms read of those that are not well; a standby of Vault, which people's balancer passes over, is.
    logConfig: { enable: form.scheme === "INTERNAL" },
    ...(health.healthy === "200"
      ? { httpsHealthCheck: { port, requestPath: health.path } }
      : { sslHealthCheck: { port } }),
  };
}
