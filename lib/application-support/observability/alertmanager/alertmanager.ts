import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { listOf, matching, text } from "../../../core/rules";
import { duration } from "../../../core/values";
import { extendGroup, type Job, NomadJob } from "../../../nomad";
import { defaultObservabilityImages } from "../images";
import { meshService, withEnvoyMetrics } from "../mesh-service";
import { checkPart, hardened, type PartProps, plainFile, secretPath, sized } from "../part";
import { observabilityServices } from "../services";
import { toYaml } from "../yaml";
import { type AlertReceiver, type AlertRouting, alertmanagerConfiguration } from "./configuration";

const JOB = "alertmanager";

/** Alertmanager, as the observability is told of it. */
export interface AlertmanagerSettings extends AlertRouting, Pick<PartProps, "nodePool" | "resources"> {}

export interface AlertmanagerProps extends PartProps, AlertmanagerSettings {
  /** @default - that of this release */
  readonly image?: string;
}

/**
 * Alertmanager, which tells people. What its receivers keep secret it reads from Vault, below `<namespace>/alertmanager`; no
 * secret is in the job or in Terraform's state.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class Alertmanager extends Construct {
  readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: AlertmanagerProps) {
    super(scope, id);
    checkAlertmanager(new PropsCheck("Alertmanager", scope, id), props).done();
    this.job = new NomadJob(this, "job", { job: alertmanagerJob(props), policy: {} });
  }
}

function alertmanagerJob(props: AlertmanagerProps): Job {
  const { platform, namespace, nodePool = "default", image = defaultObservabilityImages.alertmanager } = props;
  const { service, port } = observabilityServices.alertmanager;
  const { configuration, files } = alertmanagerConfiguration(props);
  const group = extendGroup(
    {
      // Silences and what was told already.
      ephemeralDisk: { size: "300MiB", sticky: true, migrate: true },
      task: {
        alertmanager: {
          driver: "docker",
          config: {
            ...hardened,
            image,
            args: [
              "--config.file=/local/alertmanager.yml",
              "--storage.path=/alloc/data/alertmanager",
              `--web.listen-address=127.0.0.1:${port}`,
              // One is enough: Nomad starts it elsewhere.
              "--cluster.listen-address=",
            ],
          },
          vault: { env: false, changeMode: "noop" },
          template: [
            plainFile("local/alertmanager.yml", toYaml(configuration), "reload"),
            ...files.map(({ path, secret, field }) => ({
              destination: path.slice(1),
              data: `{{ with secret ${JSON.stringify(`${platform.static.kvMount}/data/${namespace}/${JOB}/${secret}`)} }}{{ index .Data.data ${JSON.stringify(field)} }}{{ end }}`,
              perms: "400",
              uid: NOBODY,
              gid: NOBODY,
              changeMode: "noop" as const,
            })),
          ],
          resources: sized(props.resources, 100, "128MiB"),
        },
      },
    },
    meshService({ service, port, health: "/-/ready", metrics: "/metrics" }),
  );
  return withEnvoyMetrics({ id: JOB, namespace, nodePool, group: { alertmanager: group } });
}

/** User of the image. */
const NOBODY = 65534;

const mailAddress = matching(/[^\s@]+@[^\s@]+/, "an e-mail address", 'write "oncall@example.com"');
const hostPort = matching(/[\w.-]+:\d{1,5}/, "host and port", 'write "smtp.example.com:587"');

export function checkAlertmanager(check: PropsCheck, props: AlertmanagerSettings): PropsCheck {
  checkPart(check, props);
  check.optional("repeatInterval", props.repeatInterval, duration({ min: "5m", unit: "s" }));
  if (check.required("critical", props.critical, listOf(1, 10, "receivers"))) {
    props.critical.forEach((receiver, index) => {
      checkReceiver(check, `critical[${index}]`, receiver);
    });
  }
  if (check.optional("warning", props.warning, listOf(1, 10, "receivers"))) {
    props.warning?.forEach((receiver, index) => {
      checkReceiver(check, `warning[${index}]`, receiver);
    });
  }
  if (props.watchdog !== undefined) checkReceiver(check, "watchdog", props.watchdog);
  return check;
}

function checkReceiver(check: PropsCheck, property: string, receiver: AlertReceiver): void {
  const [[kind = "", settings = undefined] = [], ...others] = Object.entries(receiver ?? {});
  if (!["slack", "pagerduty", "webhook", "email"].includes(kind) || settings === undefined || others.length > 0) {
    const allowed = "one of { slack }, { pagerduty }, { webhook }, { email }";
    check.add({ property, given: receiver, allowed, fix: "say how this one is told" });
    return;
  }
  const at = check.under(`${property}.${kind}`);
  at.required("secret", settings.secret, secretPath);
  at.optional("field", settings.field, text);
  if ("slack" in receiver) {
    at.required("channel", receiver.slack.channel, matching(/[#@]\S+/, 'a channel: "#alerts"', "begin it with #"));
  }
  if ("email" in receiver) {
    at.required("to", receiver.email.to, mailAddress);
    at.required("from", receiver.email.from, mailAddress);
    at.required("smarthost", receiver.email.smarthost, hostPort);
    at.required("username", receiver.email.username, text);
  }
}
