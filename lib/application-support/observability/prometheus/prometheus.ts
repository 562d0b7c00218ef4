import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { matching } from "../../../core/rules";
import { duration } from "../../../core/values";
import type { InfrastructureContract } from "../../../infrastructure/contract";
import { NomadJob } from "../../../nomad";
import { addWorkloadRole } from "../../../platform/identity/workloads";
import { VaultPolicy } from "../../../platform/vault/policy";
import { ConsulGrant } from "../../namespaces";
import { defaultObservabilityImages, type ObservabilityImages } from "../images";
import { checkPart, checkStorage, type PartProps } from "../part";
import { alertGroups, serverCounts } from "../rules";
import { type Storage, storageVolume } from "../storage";
import { monitoredCluster } from "./cluster";
import { PROMETHEUS_JOB, PROMETHEUS_USER, prometheusJob } from "./job";

/** Prometheus, as the observability is told of it. */
export interface PrometheusSettings extends Pick<PartProps, "nodePool" | "resources"> {
  /** How long figures are kept. @default "15d" */
  readonly retention?: string;
  /** How often everything is asked. Nomad forgets some figures after a minute. @default "15s" */
  readonly scrapeInterval?: string;
  /** @default - the allocation's own disk of 10 GiB */
  readonly storage?: Storage;
  /**
   * Addresses of the servers of a product (`host:port`), where they are not found: those of somebody else's infrastructure,
   * and Nomad's where they run without Consul.
   *
   * @default - found by Consul, and Vault's by Vault itself; else the address for machines
   */
  readonly servers?: { readonly [product in "vault" | "consul" | "nomad"]?: readonly string[] };
  /** Rules of one's own beside those of this library: groups, as Prometheus's rule files have them. @default - none */
  readonly rules?: readonly object[];
  /** More of what is scraped, in Prometheus's words. @default - none */
  readonly scrape?: readonly object[];
}

export interface PrometheusProps extends PartProps, PrometheusSettings {
  readonly infrastructure: InfrastructureContract;
  /** @default - those of this release */
  readonly images?: Partial<ObservabilityImages>;
  /** Whether alerts go to Alertmanager. @default false */
  readonly hasAlertmanager?: boolean;
}

/**
 * Prometheus: figures of Vault, Consul, Nomad, the workers, their jobs and sidecars, and the alerts that they give rise to.
 *
 * It signs in to Vault and Consul as its job: it reads Vault's figures and peers, and the figures of Consul's agents.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class Prometheus extends Construct {
  readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: PrometheusProps) {
    super(scope, id);
    checkPrometheus(new PropsCheck("Prometheus", scope, id), props).done();
    const { platform, infrastructure, namespace, images } = props;
    const { workloads } = platform.static;
    const cluster = monitoredCluster(infrastructure, props.servers);
    const name = `${namespace}-${PROMETHEUS_JOB}`;
    const policy = new VaultPolicy(this, "vault-policy", {
      name,
      rules: [
        { path: "sys/metrics", capabilities: ["read"] },
        { path: "sys/storage/raft/configuration", capabilities: ["read"] },
        ...(cluster.authority?.by === "pki"
          ? [
              { path: `${cluster.authority.mount}/issuers`, capabilities: ["list" as const] },
              { path: `${cluster.authority.mount}/issuer/*`, capabilities: ["read" as const] },
            ]
          : []),
      ],
    });
    const role = addWorkloadRole(this, "vault-role", {
      mount: workloads.vaultMount,
      claim: workloads.vaultClaim,
      name,
      policies: [policy.policyName],
      bound: { namespace, jobs: [PROMETHEUS_JOB] },
    });
    const grant = new ConsulGrant(this, "consul", {
      platform,
      area: "observability",
      jobId: PROMETHEUS_JOB,
      description: "Prometheus: figures of agents",
      rules: { agent_prefix: { "": "read" } },
    });
    this.job = new NomadJob(this, "job", {
      job: prometheusJob({
        cluster,
        namespace,
        nodePool: props.nodePool ?? "default",
        vaultRole: name,
        images: { ...defaultObservabilityImages, ...images },
        retention: props.retention ?? "15d",
        scrapeInterval: props.scrapeInterval ?? "15s",
        storage: props.storage ?? {},
        rules: alertGroups(serverCounts(infrastructure)),
        hasAlertmanager: props.hasAlertmanager ?? false,
        ...(props.rules === undefined ? {} : { ownRules: { groups: props.rules } }),
        ...(props.scrape === undefined ? {} : { scrape: props.scrape }),
        ...(props.resources === undefined ? {} : { resources: props.resources }),
      }),
      policy: {},
    });
    this.job.node.addDependency(
      role,
      grant,
      ...storageVolume(this, props.storage, { ...props, user: PROMETHEUS_USER }),
    );
  }
}

const address = matching(/[\w.-]+:\d{1,5}/, "host and port", 'write "10.0.1.5:8200"');

export function checkPrometheus(check: PropsCheck, props: PrometheusSettings): PropsCheck {
  checkPart(check, props);
  checkStorage(check, props.storage);
  check.optional("retention", props.retention, duration({ min: "1h", unit: "s" }));
  // Nomad forgets what did not change within a minute.
  check.optional("scrapeInterval", props.scrapeInterval, duration({ min: "10s", max: "50s", unit: "s" }));
  for (const [product, addresses] of Object.entries(props.servers ?? {})) {
    check.each(`servers.${product}`, addresses, address);
  }
  return check;
}
