import type { ObservabilitySettings } from "../../../lib/application-support/observability";
import { decodeHcl } from "../../../lib/core/hcl-decode";
import { Template } from "../../../lib/testing";
import { support } from "../support";

/** Every part, with each kind of what it may be given. */
export const everything: ObservabilitySettings = {
  prometheus: { rules: [{ name: "own", rules: [{ alert: "Own", expr: "vector(0) > 1" }] }] },
  alertmanager: {
    critical: [{ pagerduty: { secret: "pagerduty" } }, { slack: { secret: "slack", channel: "#alerts" } }],
    warning: [
      { slack: { secret: "slack", channel: "#alerts" } },
      {
        email: {
          secret: "mail",
          field: "password",
          to: "platform@example.com",
          from: "alerts@example.com",
          smarthost: "smtp.example.com:587",
          username: "alerts",
        },
      },
    ],
  },
  grafana: { signIn: { vault: { admins: ["platform-team"], editors: ["sre"] } } },
  loki: {
    objectStore: { bucket: "acme-logs", region: "eu-central-1", credentials: { secret: "s3" } },
    storage: { volume: { name: "loki", type: "csi", plugin: "aws-ebs" } },
  },
  tempo: {
    objectStore: {
      bucket: "acme-traces",
      region: "eu-central-1",
      credentials: { roleArn: "arn:aws:iam::123456789012:role/tempo" },
    },
  },
};

export function observed(settings: ObservabilitySettings = everything): Template {
  return Template.of(support({ observability: settings }));
}

/** The jobs of a stack by their ids, as Nomad gets them. */
// biome-ignore lint/suspicious/noExplicitAny: the JSON of any job
export function jobsOf(template: Template): Readonly<Record<string, any>> {
  return Object.fromEntries(
    template
      .resources("nomad_job")
      .map((resource) => {
        // What Terraform fills in stands there as a reference.
        // biome-ignore lint/suspicious/noExplicitAny: the JSON of any job
        const job = decodeHcl(String(resource.arguments["jobspec"])) as any;
        return [job.ID, job];
      })
      .filter(([, job]) => job.Namespace === "caravan-observability"),
  );
}

/** The text of a file that a task of a job gets. */
// biome-ignore lint/suspicious/noExplicitAny: the JSON of any job
export function fileOf(job: any, task: string, destination: string): string {
  const tasks = job.TaskGroups.flatMap((group: { Tasks: readonly object[] }) => group.Tasks);
  const found = tasks.find(({ Name }: { Name: string }) => Name === task);
  return found.Templates.find(({ DestPath }: { DestPath: string }) => DestPath === destination).EmbeddedTmpl;
}
