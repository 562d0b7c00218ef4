import type { Host, Network } from "./network";

const SEEN = "/root/seen";

/** Looks at every process's arguments and environment again and again, until the host ends. */
export function startSampling(host: Host): void {
  host.start(
    `mkdir -p ${SEEN}; touch ${SEEN}/begin
    while sleep 0.1; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; done >${SEEN}/all 2>${SEEN}/gone`,
  );
}

/** Every secret that first boot made, by a name for people. */
export function secretsOf(network: Network): Record<string, string> {
  const document = JSON.parse(network.object("document") ?? "");
  const lines = (text: string) => text.split("\n").filter((line) => line.length > 40);
  const made: [string, string][] = [
    ...Object.entries<string>(document.tokens),
    ...Object.entries<string>(document.gossip).map(([name, key]): [string, string] => [`gossip of ${name}`, key]),
    ...document.ca.flatMap(({ key }: { key: string }) => lines(key).map((line, n) => [`CA's key, line ${n}`, line])),
    ...["operate", "snapshot"].map((name): [string, string] => [
      `Nomad's token ${name}`,
      JSON.parse(network.object(`token/nomad-${name}`) ?? "").SecretID,
    ]),
    ...Object.entries<string[]>(JSON.parse(network.secret(network.secrets.recoveryKeys) ?? "")).flatMap(
      ([name, keys]) => keys.map((key, n): [string, string] => [`${name} ${n}`, key]),
    ),
  ];
  const encoded = made.map(([name, secret]): [string, string] => [
    `${name} in base64`,
    Buffer.from(secret).toString("base64").replace(/.{4}$/, ""),
  ]);
  return Object.fromEntries([...made, ...encoded]);
}

/** Where a host shows a secret: in processes that were sampled, in logs, in files that others may read. */
export async function whereSeen(host: Host, secrets: Readonly<Record<string, string>>): Promise<string[]> {
  host.write("/root/secrets", `${Object.values(secrets).join("\n")}\n`, 0o600);
  const mine = "-newer /root/seen/begin -type f";
  const places = [`${SEEN}/all`, "/var/log/units/*", `$(find /etc /var /usr/local /run /tmp -xdev ${mine} -perm -o=r)`];
  const { stdout } = await host.run(
    `grep -lFf /root/secrets ${places.join(" ")} 2>/dev/null; test -s ${SEEN}/all || echo nothing was sampled`,
  );
  return stdout.split("\n").filter((line) => line !== "");
}
