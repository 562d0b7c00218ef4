/** Where a secret of a receiver stands: a path below `<namespace>/alertmanager` in Vault's key-value store, and its field. */
export interface ReceiverSecret {
  readonly secret: string;
  /** @default "value" */
  readonly field?: string;
}

/** Whom alerts are told. What opens the way (a URL that whoever knows it may post to, a key, a password) stands in Vault. */
export type AlertReceiver =
  | { readonly slack: ReceiverSecret & { readonly channel: string } }
  | { readonly pagerduty: ReceiverSecret }
  | { readonly webhook: ReceiverSecret }
  | {
      readonly email: ReceiverSecret & {
        readonly to: string;
        readonly from: string;
        /** Host and port of the mail server, which must speak TLS. */
        readonly smarthost: string;
        readonly username: string;
      };
    };

/** Who is told what. */
export interface AlertRouting {
  /** What wakes somebody. */
  readonly critical: readonly AlertReceiver[];
  /** What waits for the morning. @default - those of `critical` */
  readonly warning?: readonly AlertReceiver[];
  /** A service that calls when it is no longer called: it gets the alert that always fires. @default - nobody */
  readonly watchdog?: AlertReceiver;
  /** How long until an alert that still holds is told again. @default "4h" */
  readonly repeatInterval?: string;
}

/** A file of one secret, as a template of Nomad writes it. */
export interface SecretFile {
  readonly path: string;
  readonly secret: string;
  readonly field: string;
}

/** Alertmanager's configuration, and the files of secrets that it names: none of them is in it. */
export function alertmanagerConfiguration(routing: AlertRouting): {
  readonly configuration: object;
  readonly files: readonly SecretFile[];
} {
  const { critical, warning = critical, watchdog, repeatInterval = "4h" } = routing;
  const files = new Map<string, SecretFile>();
  const fileOf = ({ secret, field = "value" }: ReceiverSecret) => {
    const path = `/secrets/${`${secret}-${field}`.replace(/[^A-Za-z0-9]+/g, "-")}`;
    files.set(path, { path, secret, field });
    return path;
  };
  const receiver = (name: string, receivers: readonly AlertReceiver[]) => ({
    name,
    ...grouped(receivers.map((one) => receiverOf(one, fileOf))),
  });
  const configuration = {
    route: {
      receiver: "warning",
      group_by: ["alertname", "environment"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: repeatInterval,
      routes: [
        {
          receiver: watchdog === undefined ? "nobody" : "watchdog",
          matchers: ['alertname="Watchdog"'],
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: "1m",
        },
        { receiver: "critical", matchers: ['severity="critical"'] },
      ],
    },
    // Without a leader everything else follows: tell that alone.
    inhibit_rules: [
      {
        source_matchers: ['alertname=~".*NoLeader"'],
        target_matchers: ['severity="warning"', 'alertname!="Watchdog"'],
        equal: ["environment"],
      },
    ],
    receivers: [
      receiver("critical", critical),
      receiver("warning", warning),
      ...(watchdog === undefined ? [] : [receiver("watchdog", [watchdog])]),
      { name: "nobody" },
    ],
  };
  return { configuration, files: [...files.values()] };
}

type Named = readonly [kind: string, config: object];

function receiverOf(receiver: AlertReceiver, fileOf: (secret: ReceiverSecret) => string): Named {
  const common = { send_resolved: true };
  if ("slack" in receiver) {
    const { channel } = receiver.slack;
    const text = "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.action }}\n{{ end }}";
    return ["slack_configs", { ...common, channel, api_url_file: fileOf(receiver.slack), text }];
  }
  if ("pagerduty" in receiver) {
    return ["pagerduty_configs", { ...common, routing_key_file: fileOf(receiver.pagerduty) }];
  }
  if ("webhook" in receiver) return ["webhook_configs", { ...common, url_file: fileOf(receiver.webhook) }];
  const { to, from, smarthost, username } = receiver.email;
  const password = fileOf(receiver.email);
  return [
    "email_configs",
    { ...common, to, from, smarthost, auth_username: username, auth_password_file: password, require_tls: true },
  ];
}

function grouped(all: readonly Named[]): Record<string, object[]> {
  const kinds: Record<string, object[]> = {};
  for (const [kind, config] of all) kinds[kind] = [...(kinds[kind] ?? []), config];
  return kinds;
}
