import { type ConfigurationBlock, configurationFile } from "./configuration/block";
import { consulConfiguration } from "./configuration/consul";
import { nomadConfiguration } from "./configuration/nomad";
import { vaultConfiguration } from "./configuration/vault";
import { vaultAgentConfiguration } from "./configuration/vault-agent";
import { factsFile } from "./facts";
import { firstBootFiles } from "./first-boot";
import { type NodeProps, runsOf, type WorkerNodeProps } from "./node-props";
import { files, type NodePath } from "./paths";
import { registriesFile, registriesPath, registryHelper } from "./registries";
import { softwareFile } from "./software/software";
import { staticScript } from "./static-script";
import { caravanUnits } from "./system/caravan-units";
import {
  bridgeKernelFile,
  coredumpFile,
  dockerFile,
  journalFile,
  kernelFile,
  logRotationFile,
  metadataFile,
  ownershipFile,
  proxyFile,
  resolverFile,
  usersFile,
} from "./system/host-files";
import { operateUnits } from "./system/operate-units";
import { productUnits } from "./system/product-units";
import { unitFile } from "./system/unit";

/** A file of a node with its content. */
export interface NodeFile extends NodePath {
  readonly content: string;
}

/**
 * Every file that stands on the node before first boot, the same on each node of a group. None holds a secret, and none a value
 * that is known only after apply.
 */
export function nodeFiles(props: NodeProps): readonly NodeFile[] {
  const runs = runsOf(props);
  return [
    of(files.facts, factsFile(props)),
    of(files.software, softwareFile(props)),
    of(files.install, staticScript("software/install.sh")),
    ...optional(files.caBundle, props.caBundle),
    ...optional(files.proxy, proxyFile(props)),
    of(files.vaultAgentConfig, configuration(vaultAgentConfiguration(props))),
    ...(props.role === "server" && runs.includes("vault")
      ? [
          of(files.vaultConfig, configuration(vaultConfiguration(props))),
          root("/etc/logrotate.d/vault", logRotationFile()),
        ]
      : []),
    ...(runs.includes("consul")
      ? [
          of(files.consulConfig, configuration(consulConfiguration(props))),
          root("/etc/systemd/resolved.conf.d/consul.conf", resolverFile()),
        ]
      : []),
    ...(runs.includes("nomad") ? [of(files.nomadConfig, configuration(nomadConfiguration(props)))] : []),
    ...units({ ...productUnits(props), ...caravanUnits(props), ...operateUnits(props) }),
    ...firstBootFiles(props).map(({ path, mode, content }) => ({ ...root(path, content), mode })),
    root("/etc/sysusers.d/caravan.conf", usersFile()),
    root("/etc/tmpfiles.d/caravan.conf", ownershipFile(props)),
    root("/etc/systemd/coredump.conf.d/caravan.conf", coredumpFile),
    root("/etc/systemd/journald.conf.d/caravan.conf", journalFile),
    root("/etc/sysctl.d/90-caravan.conf", kernelFile),
    ...(props.role === "worker" ? worker(props) : []),
  ];
}

function worker(props: WorkerNodeProps): NodeFile[] {
  const { cloud, system = false } = props;
  return [
    ...(registryHelper(props) === undefined ? [] : [root(registriesPath, registriesFile(props))]),
    root("/etc/modules-load.d/caravan.conf", "br_netfilter\n"),
    root("/etc/sysctl.d/91-caravan-bridge.conf", bridgeKernelFile),
    root("/etc/systemd/system/docker.service.d/caravan.conf", dockerFile),
    ...(system ? [] : [of(files.metadata, metadataFile(cloud))]),
  ];
}

const configuration = (block: ConfigurationBlock) => configurationFile(block);

function units(all: ReturnType<typeof productUnits>): NodeFile[] {
  return Object.entries(all).map(([name, unit]) => root(`/etc/systemd/system/${name}`, unitFile(unit)));
}

function of(path: NodePath, content: string): NodeFile {
  return { ...path, content };
}

function optional(path: NodePath, content: string | undefined): NodeFile[] {
  return content === undefined ? [] : [of(path, content)];
}

function root(path: string, content: string): NodeFile {
  return { path, mode: "0644", owner: "root", group: "root", holds: "settings of the host", content };
}
