import { Construct } from "constructs";
import { PropsCheck, rule } from "../../../core/errors";
import { matching, text } from "../../../core/rules";
import type { InfrastructureContract } from "../../../infrastructure/contract";
import { extendGroup, type Job, NomadJob, type Template } from "../../../nomad";
import { addWorkloadRole } from "../../../platform/identity/workloads";
import { VaultPolicy } from "../../../platform/vault/policy";
import { dashboards } from "../dashboards";
import { defaultObservabilityImages } from "../images";
import { meshService, withEnvoyMetrics } from "../mesh-service";
import { checkPart, filledFile, hardened, type PartProps, plainFile, secretPath, sized } from "../part";
import { monitoredCluster } from "../prometheus/cluster";
import { authorityTemplate } from "../prometheus/configuration";
import { observabilityServices } from "../services";
import { toYaml } from "../yaml";
import { dashboardFiles, dashboardProvider, dataSourceFile, type GrafanaSources } from "./configuration";
import { type GrafanaSignIn, VaultSignIn } from "./sign-in";

const JOB = "grafana";

/** Grafana, as the observability is told of it. */
export interface GrafanaSettings extends Pick<PartProps, "nodePool" | "resources"> {
  readonly signIn: GrafanaSignIn;
  /** Host below the applications' domain. @default "grafana" */
  readonly host?: string;
  /** Dashboards beside those of this library, by name: the JSON model of each. @default - none */
  readonly dashboards?: Readonly<Record<string, object>>;
}

export interface GrafanaProps extends PartProps, GrafanaSettings {
  readonly infrastructure: InfrastructureContract;
  /** Which stores there are to ask. */
  readonly sources: GrafanaSources;
  /** @default - that of this release */
  readonly image?: string;
}

/**
 * Grafana, with data sources and dashboards from code. What somebody changes in it by hand is gone with its allocation: the
 * code is the truth.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class Grafana extends Construct {
  readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: GrafanaProps) {
    super(scope, id);
    const check = checkGrafana(new PropsCheck("Grafana", scope, id), props);
    const { platform, infrastructure, namespace, signIn, host = JOB } = props;
    const { appsDomain, workloads, kvMount } = platform.static;
    if (appsDomain === undefined) {
      const allowed = "a platform whose applications have a domain";
      check.add({ property: "platform", given: "no domain", allowed, fix: "give the infrastructure a domain" });
    }
    check.done();
    const rootUrl = `https://${host}.${appsDomain}`;
    const name = `${namespace}-${JOB}`;
    const { authority } = monitoredCluster(infrastructure);
    const secret =
      "adminPassword" in signIn ? `${kvMount}/data/${namespace}/${JOB}/${signIn.adminPassword.secret}` : "";
    const policy = new VaultPolicy(this, "vault-policy", {
      name,
      rules: [
        { path: "sys/tools/random/*", capabilities: ["update"] },
        ...(secret === "" ? [] : [{ path: secret, capabilities: ["read" as const] }]),
        ...(authority?.by === "pki"
          ? [
              { path: `${authority.mount}/issuers`, capabilities: ["list" as const] },
              { path: `${authority.mount}/issuer/*`, capabilities: ["read" as const] },
            ]
          : []),
      ],
    });
    const role = addWorkloadRole(this, "vault-role", {
      mount: workloads.vaultMount,
      claim: workloads.vaultClaim,
      name,
      policies: [policy.policyName],
      bound: { namespace, jobs: [JOB] },
    });
    const authorityText = authorityTemplate(monitoredCluster(infrastructure));
    const environment =
      "vault" in signIn
        ? {
            ...new VaultSignIn(this, "sign-in", {
              platform,
              rootUrl,
              admins: signIn.vault.admins ?? [],
              editors: signIn.vault.editors ?? [],
            }).environment,
            ...(authorityText === undefined ? {} : { GF_AUTH_GENERIC_OAUTH_TLS_CLIENT_CA: "/local/authority.pem" }),
          }
        : {};
    this.job = new NomadJob(this, "job", {
      job: grafanaJob({
        ...props,
        rootUrl,
        vaultRole: name,
        environment,
        templates: [
          ...(authorityText === undefined || !("vault" in signIn)
            ? []
            : [filledFile("local/authority.pem", authorityText, "noop")]),
          secrets(
            "adminPassword" in signIn ? { path: secret, field: signIn.adminPassword.field ?? "password" } : undefined,
          ),
        ],
      }),
      policy: {},
    });
    this.job.node.addDependency(role);
  }
}

/** Its key is made anew with each allocation: nothing that it encrypts outlives that. */
function secrets(admin: { readonly path: string; readonly field: string } | undefined): Template {
  const random = '{{ with secret "sys/tools/random/32" "format=hex" }}{{ .Data.random_bytes }}{{ end }}';
  const password =
    admin === undefined
      ? ""
      : `GF_SECURITY_ADMIN_PASSWORD={{ with secret ${JSON.stringify(admin.path)} }}{{ index .Data.data ${JSON.stringify(admin.field)} | toJSON }}{{ end }}\n`;
  return {
    destination: "secrets/grafana.env",
    env: true,
    changeMode: "noop",
    data: `GF_SECURITY_SECRET_KEY=${random}\n${password}`,
  };
}

interface GrafanaJobProps extends GrafanaProps {
  readonly rootUrl: string;
  readonly vaultRole: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly templates: readonly Template[];
}

function grafanaJob(props: GrafanaJobProps): Job {
  const { namespace, nodePool = "default", sources } = props;
  const { service, port } = observabilityServices.grafana;
  const { prometheus, alertmanager, loki, tempo } = observabilityServices;
  const calls = Object.entries({ prometheus, alertmanager, loki, tempo })
    .filter(([name]) => sources[name as keyof GrafanaSources])
    .map(([, called]) => [called.service, called.port] as const);
  const group = extendGroup(
    {
      task: {
        grafana: {
          driver: "docker",
          config: {
            ...hardened,
            image: props.image ?? defaultObservabilityImages.grafana,
            mount: { type: "tmpfs", target: "/tmp" },
          },
          vault: { role: props.vaultRole, env: false, changeMode: "noop" },
          env: {
            GF_SERVER_HTTP_ADDR: "127.0.0.1",
            GF_SERVER_HTTP_PORT: String(port),
            GF_SERVER_ROOT_URL: props.rootUrl,
            GF_PATHS_DATA: "/alloc/data/grafana",
            GF_PATHS_LOGS: "/alloc/data/grafana/log",
            GF_PATHS_PLUGINS: "/alloc/data/grafana/plugins",
            GF_PATHS_PROVISIONING: "/local/provisioning",
            GF_LOG_MODE: "console",
            GF_ANALYTICS_REPORTING_ENABLED: "false",
            GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
            GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
            GF_NEWS_NEWS_FEED_ENABLED: "false",
            GF_PLUGINS_PLUGIN_ADMIN_ENABLED: "false",
            GF_SECURITY_COOKIE_SECURE: "true",
            GF_SECURITY_COOKIE_SAMESITE: "lax",
            GF_SECURITY_STRICT_TRANSPORT_SECURITY: "true",
            GF_SECURITY_DISABLE_GRAVATAR: "true",
            GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
            GF_USERS_ALLOW_SIGN_UP: "false",
            GF_AUTH_ANONYMOUS_ENABLED: "false",
            ...props.environment,
          },
          template: [
            plainFile("local/provisioning/datasources/caravan.yml", toYaml(dataSourceFile(sources)), "restart"),
            plainFile("local/provisioning/dashboards/caravan.yml", toYaml(dashboardProvider), "restart"),
            // Grafana looks for changed dashboards itself.
            ...Object.entries(dashboardFiles(dashboards, props.dashboards)).map(([name, model]) =>
              plainFile(`local/dashboards/${name}`, model, "noop"),
            ),
            ...props.templates,
          ],
          resources: sized(props.resources, 300, "512MiB"),
        },
      },
    },
    meshService({ service, port, health: "/api/health", metrics: "/metrics", calls }),
  );
  return withEnvoyMetrics({ id: JOB, namespace, nodePool, group: { grafana: group } });
}

const signInRule = rule<GrafanaSignIn>({
  allowed: "{ vault } or { adminPassword }",
  fix: "say how people sign in: { vault: { admins: [...] } }",
  accepts: (value) => typeof value === "object" && value !== null && "vault" in value !== "adminPassword" in value,
});
const label = matching(/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?/, "one label of a host name", 'write "grafana"');
const group = matching(/[^'\\]{1,256}/, "the name of a group, without quotes and backslashes", "give its name");
const fileName = matching(
  /(?!caravan-)[\w-]{1,100}/,
  "letters, digits, - and _; not caravan-...",
  "choose another name",
);

export function checkGrafana(check: PropsCheck, props: GrafanaSettings): PropsCheck {
  checkPart(check, props);
  check.optional("host", props.host, label);
  for (const name of Object.keys(props.dashboards ?? {})) check.required(`dashboards.${name}`, name, fileName);
  if (!check.required("signIn", props.signIn, signInRule)) return check;
  if ("vault" in props.signIn) {
    check.each("signIn.vault.admins", props.signIn.vault.admins, group);
    check.each("signIn.vault.editors", props.signIn.vault.editors, group);
  } else {
    check.required("signIn.adminPassword.secret", props.signIn.adminPassword.secret, secretPath);
    check.optional("signIn.adminPassword.field", props.signIn.adminPassword.field, text);
  }
  return check;
}
