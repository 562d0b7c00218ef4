import { type NodeProps, runsOf } from "../node-props";
import { files, units } from "../paths";
import type { Product } from "../products";
import { messenger, online, type Unit, unlimited } from "./unit";

/** Units of this library's own, by their file names. */
export function caravanUnits(props: NodeProps): Readonly<Record<string, Unit>> {
  return {
    [units.firstBoot]: firstBoot(props),
    ...Object.assign({}, ...runsOf(props).map((product) => renewal(props.role, product))),
    ...(props.role === "worker" && !props.system ? { [units.metadata]: metadata } : {}),
  };
}

const firstBoot = ({ software }: NodeProps): Unit => ({
  Unit: {
    Description: "Caravan: make this machine a node of its cluster",
    ...online,
    ...unlimited,
  },
  Service: {
    Type: "oneshot",
    RemainAfterExit: "yes",
    EnvironmentFile: `-${files.proxy.path}`,
    ExecStartPre: `${files.install.path}${software?.from === "baked" ? " check" : ""}`,
    ExecStart: files.firstBoot.path,
    Restart: "on-failure",
    RestartSec: "15",
    TimeoutStartSec: "1h",
    // To the serial console, also where nothing else of the node can be reached.
    StandardOutput: "journal+console",
    StandardError: "journal+console",
    SyslogIdentifier: "caravan",
    UMask: "0077",
    LimitCORE: "0",
    PrivateTmp: "yes",
    ProtectHome: "yes",
    RestrictRealtime: "yes",
    RestrictNamespaces: "yes",
    SystemCallArchitectures: "native",
    LockPersonality: "yes",
  },
  Install: { WantedBy: "multi-user.target" },
});

/** What Vault Agent wrote anew: the product reads certificates again by SIGHUP; a new token of Nomad's needs a restart. */
function renewal(role: NodeProps["role"], product: Product): Readonly<Record<string, Unit>> {
  const certificate = { vault: files.vaultCertificate, consul: files.consulCertificate, nomad: files.nomadCertificate };
  const service = units[product];
  const renewed: Record<string, Unit> = {
    [units.renewedPath(product)]: watch(product, "certificate", certificate[product].path),
    [units.renewed(product)]: act(product, "certificate", `/bin/systemctl try-reload-or-restart ${service}`),
  };
  if (role === "server" || product === "vault") return renewed;
  const secret = product === "consul" ? files.consulSecret : files.nomadSecret;
  return {
    ...renewed,
    [units.secretsPath(product)]: watch(product, "secrets", secret.path),
    [units.secrets(product)]:
      product === "consul"
        ? act(product, "secrets", `/bin/systemctl try-reload-or-restart ${service}`)
        : act(product, "secrets", `/bin/systemctl try-restart ${service}`, stagger),
  };
}

/** All workers of a group may get new tokens in the same minute. Jobs outlive the restart of their agent. */
const stagger = '/bin/bash -c "exec sleep $$((RANDOM %% 300))"';

function watch(product: Product, what: string, path: string): Unit {
  return {
    Unit: { Description: `New ${what} for ${product}` },
    Path: { PathChanged: path },
    Install: { WantedBy: "multi-user.target" },
  };
}

function act(product: Product, what: string, command: string, before?: string): Unit {
  return {
    Unit: { Description: `Use the new ${what} of ${product}`, ...unlimited },
    Service: { Type: "oneshot", ExecStartPre: before, ExecStart: command, TimeoutStartSec: "10min", ...messenger },
  };
}

/** Jobs have no business with the cloud identity of their node. */
const metadata: Unit = {
  Unit: {
    Description: "Keep jobs from the cloud's metadata address",
    DefaultDependencies: "no",
    Before: "network-pre.target",
    Wants: "network-pre.target",
    After: "local-fs.target",
    Conflicts: "shutdown.target",
  },
  Service: {
    Type: "oneshot",
    RemainAfterExit: "yes",
    ExecStart: `/usr/sbin/nft -f ${files.metadata.path}`,
    ExecStop: "/usr/sbin/nft delete table inet caravan",
  },
  Install: { WantedBy: "multi-user.target" },
};
