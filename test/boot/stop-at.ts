import type { Cluster } from "./cluster";
import type { Host, HostProps } from "./host";

/** A place in first boot's scripts, as a host stands just before the command there. */
export interface Step {
  readonly name: string;
  /**
   * The step that first boot names in its lines, what its running function was called with, and the command as it is written, as a
   * pattern of bash.
   */
  readonly at: string;
  /**
   * Which time the place is reached.
   *
   * @default 1
   */
  readonly time?: number;
  /**
   * A shell condition that must have come true before the host has really got there.
   *
   * @default - none
   */
  readonly once?: string;
}

const WHERE = "/etc/stop-at";
const REACHED = "/run/stopped-at";
const SCRIPT = "/usr/lib/test/stop-at.sh";

/** Read by every bash of first boot before its own script; does nothing where `/etc/stop-at` is not. */
const script = `[ -s ${WHERE} ] || return 0
{ read -r _stop_time; read -r _stop_at; } <${WHERE}
_stop() {
  [[ $1 == $_stop_at ]] || return 0
  _stop_time=$((_stop_time - 1))
  [ "$_stop_time" -le 0 ] || return 0
  echo "$1" >${REACHED}
  while [ -e ${WHERE} ]; do sleep 0.1; done
}
set -T
trap '_stop "\${step-}: \${1-} $BASH_COMMAND"' DEBUG
`;

/** What of a host's image makes first boot stop at a step. Its scripts are as they are; bash is told to look. */
export function stopAt({ at, time = 1 }: Step): NonNullable<HostProps["files"]> {
  return {
    [SCRIPT.slice(1)]: { content: script },
    [WHERE.slice(1)]: { content: `${time}\n${at}\n` },
    "etc/systemd/system/caravan-first-boot.service.d/stop-at.conf": {
      content: `[Service]\nEnvironment=BASH_ENV=${SCRIPT}\n`,
    },
  };
}

/** Makes a host stop at another step from its next boot on. */
export async function stopNextAt(host: Host, { at, time = 1 }: Step): Promise<void> {
  await host.write(WHERE, `${time}\n${at}\n`);
}

/** Lets a host go on, and never stop again. */
export const goOn = (host: Host) => host.remove(WHERE);

/** Waits until one server of the cluster stands at the step, lets the others go on, and returns it. */
export async function stopped(cluster: Cluster, { name, once = "true" }: Step, timeoutMs: number): Promise<Host> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    for (const host of cluster.servers) {
      if ((await host.try("sh", "-c", `[ -e ${REACHED} ] && ${once}`)).code !== 0) continue;
      await Promise.all(cluster.servers.filter((other) => other !== host).map(goOn));
      return host;
    }
    if (Date.now() > end) {
      const lines = await Promise.all(cluster.servers.map((host) => host.journal("caravan-first-boot.service")));
      throw new Error(`nobody has reached "${name}" within ${timeoutMs / 1000} s\n${lines.join("\n").slice(-8_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

const initialised = `curl -s --cacert /etc/caravan/ca.pem https://127.0.0.1:8200/v1/sys/init | grep -q '"initialized":true'`;

/** Where a server's Vault is about to look for another to join. */
export const beforeJoining: Step = {
  name: "vault: about to join",
  at: 'vault: * follow "$number"',
  once: `! { ${initialised}; }`,
};

export const beforeRevocation: Step = {
  name: "vault: handed over, root token alive",
  at: "vault: * api vault POST auth/token/revoke-self",
};

/** Every place at which first boot of the initialising server leaves something behind that the next boot finds. */
export const steps: readonly Step[] = [
  { name: "library: not yet fetched", at: "*: * perform library" },
  { name: "document: made, not stored", at: 'document: * create document "$document"' },
  { name: "document: stored, the CA not placed", at: 'document: * place "$ca" *' },
  {
    name: "document: bootstrap tokens not stored",
    at: 'document: * write_secret "$CARAVAN_SECRET_BOOTSTRAP_TOKENS" *',
  },
  { name: "certificates: the second not signed", at: "certificates: consul local *" },
  { name: "vault: claim not made", at: "vault: * claim 1" },
  { name: "vault: claimed, nothing started", at: 'vault: * be_holder "$number"' },
  { name: "vault: started, not initialised", at: 'vault: * initialise "$out"' },
  { name: "vault: initialised, its answer lost", at: 'vault: * dd of="$out" *', once: initialised },
  { name: "vault: keys on the disk only", at: 'vault: * wait_for 120 "Vault is unsealed and leads" *' },
  { name: "vault: recovery keys stored, nothing handed over", at: "vault: * hand_over vault" },
  { name: "vault: handed over by half", at: "vault: vault count=*", time: 15 },
  { name: "vault: handed over, not remembered", at: 'vault: * touch "$state/vault-handed-over"' },
  beforeRevocation,
  { name: "vault: root token revoked, not told", at: 'vault: * write "vault-init/$1" *' },
  {
    name: "vault: told, keys still on the disk",
    at: 'vault: * rm -f "$state/vault-init.json"',
    once: "test -e /var/lib/caravan/vault-init.json",
  },
  { name: "consul: configured, not started", at: "consul: * bring_up consul" },
  { name: "consul: a leader, no first token", at: 'consul: consul wait_for 60 "$1 takes its first token" *' },
  { name: "consul: handed over by half", at: "consul: consul count=*", time: 7 },
  { name: "consul: birth not recorded", at: 'consul: consul give_birth "$1"' },
  { name: "nomad: configured, not started", at: "nomad: * bring_up nomad" },
  { name: "nomad: a leader, no first token", at: 'nomad: nomad wait_for 60 "$1 takes its first token" *' },
  { name: "nomad: handed over by half", at: "nomad: nomad count=*", time: 2 },
  { name: "nomad: a token made, not kept", at: 'nomad: * create "token/nomad-$name" *' },
  { name: "nomad: birth not recorded", at: 'nomad: nomad give_birth "$1"' },
  { name: "vault: birth not recorded", at: "birth: * give_birth vault" },
  { name: "ready: introductions not made", at: "*: * do_introduce" },
  { name: "ready: Vault Agent not started", at: "*: * up vault-agent.service" },
];
