import type { ClusterProps } from "../node-props";
import { staticScript } from "../static-script";
import { versionsOf } from "../versions";
import { imageSoftwareFile } from "./software";

/** What goes into an image, whichever cloud it is for. */
export interface ImageContents extends Pick<ClusterProps, "versions" | "software" | "caBundle" | "proxy"> {
  /** @default "x86_64" */
  readonly architecture?: "x86_64" | "arm64";
  /** @default "caravan" */
  readonly namePrefix?: string;
}

/** What of a template is one cloud's: its plugin of Packer, its builder, and what it wants done last. */
export interface ImageBuilder {
  readonly plugin: { readonly name: string; readonly version: string };
  readonly type: string;
  readonly settings: object;
  /** Commands of the cloud's own after the image is cleaned. @default - none */
  readonly last?: readonly string[];
}

/** The versions that an image bears, by the names under which its tags or labels tell them. */
export function imageVersions(props: ImageContents): Readonly<Record<string, string>> {
  const { vault, consul, nomad, docker } = versionsOf(props);
  return { "caravan-vault": vault, "caravan-consul": consul, "caravan-nomad": nomad, "caravan-docker": docker };
}

/** The files from which Packer bakes an image: the same script and the same versions as a node that installs. */
export function imageFiles(props: ImageContents, builder: ImageBuilder): Readonly<Record<string, string>> {
  return {
    "caravan.pkr.json": `${JSON.stringify(template(props, builder), null, 2)}\n`,
    "install.sh": staticScript("software/install.sh"),
    software: imageSoftwareFile(props),
    ...(props.caBundle === undefined ? {} : { "caravan.crt": props.caBundle }),
  };
}

function template({ proxy, caBundle }: ImageContents, { plugin, type, settings, last = [] }: ImageBuilder): object {
  const { url, except = [] } = proxy ?? {};
  const environment =
    url === undefined
      ? []
      : [`http_proxy=${url}`, `https_proxy=${url}`, `no_proxy=${["localhost", ...except].join(",")}`];
  return {
    packer: {
      required_plugins: {
        [plugin.name]: { source: `github.com/hashicorp/${plugin.name}`, version: plugin.version },
      },
    },
    locals: { time: '${formatdate("YYYYMMDD-hhmm", timestamp())}' },
    source: { [type]: { node: settings } },
    build: {
      sources: [`source.${type}.node`],
      provisioner: [
        {
          file: {
            sources: ["install.sh", "software", ...(caBundle === undefined ? [] : ["caravan.crt"])],
            destination: "/tmp/",
          },
        },
        {
          shell: {
            environment_vars: environment,
            execute_command: "chmod +x {{ .Path }}; sudo -E env {{ .Vars }} bash -eux {{ .Path }}",
            inline: [
              "cloud-init status --wait || true",
              "[ ! -e /tmp/caravan.crt ] || install -m 0644 /tmp/caravan.crt /usr/local/share/ca-certificates/caravan.crt",
              "bash /tmp/install.sh",
              // Nothing of the builder may live on in its copies.
              "rm -f /tmp/install.sh /tmp/software /tmp/caravan.crt /etc/ssh/ssh_host_*",
              "apt-get clean",
              "cloud-init clean --logs --machine-id",
              ...last,
            ],
          },
        },
      ],
    },
  };
}
