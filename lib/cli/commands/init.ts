import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CaravanError } from "../../core/errors";
import { awsScaffold } from "../scaffold/aws";
import { azureScaffold } from "../scaffold/azure";
import { existingScaffold } from "../scaffold/existing";
import { completed, type Scaffold } from "../scaffold/files";
import { gcpScaffold } from "../scaffold/gcp";
import type { Settings } from "../settings";

export interface InitOptions {
  readonly name: string;
  readonly account?: string;
  readonly tenant?: string;
  readonly region?: string;
  readonly repository?: string;
  readonly image?: string;
  readonly vault?: string;
  readonly consul?: string;
  readonly nomad?: string;
}

const CLOUDS = ["aws", "azure", "existing", "gcp"] as const;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `caravan init`: the files of an app that are not there yet. A second run changes nothing. */
export async function init(settings: Settings, [cloud = ""]: readonly string[], options: InitOptions): Promise<void> {
  const files = filesOf(cloud, settings.directory, options);
  const written: string[] = [];
  const kept: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const file = join(settings.directory, path);
    const wanted = existsSync(file) ? completion(path, file, text) : text;
    if (wanted !== undefined) writeFileSync(file, wanted);
    (wanted === undefined ? kept : written).push(path);
  }
  settings.output.result(
    [
      ...written.map((path) => `wrote ${path}`),
      ...kept.map((path) => `kept ${path}`),
      "Next: npm install; git init && git add -A && git commit -m Begin; npx caravan synth; npx caravan validate.",
      cloud !== "existing"
        ? "Then docs/gitops.md, from an empty repository to the first merge."
        : "Then npx caravan wait, npx caravan plan: with VAULT_TOKEN and, for a CA of your own, VAULT_CACERT and so on.",
    ],
    { written, kept },
  );
}

function completion(path: string, file: string, text: string): string | undefined {
  if (path !== "package.json") return undefined;
  try {
    return completed(readFileSync(file, "utf8"), text);
  } catch (error) {
    throw new CaravanError(`${file} is not JSON: ${(error as Error).message}. Mend it, then run this again.`);
  }
}

function filesOf(cloud: string, directory: string, options: InitOptions): Scaffold {
  const known = CLOUDS.find((each) => each === cloud);
  if (known === undefined) {
    throw new CaravanError(`There is no cloud "${cloud}" to begin with. There are: ${CLOUDS.join(", ")}.`);
  }
  const mistakes: string[] = [];
  const text = (option: keyof InitOptions, pattern: RegExp, what: string): string => {
    const value = options[option] ?? "";
    if (!pattern.test(value)) mistakes.push(`--${option}${value === "" ? "" : `, given "${value}"`}: ${what}`);
    return value;
  };
  const name = text("name", /^[a-z](-?[a-z0-9]){0,15}$/, "1 to 16 lower-case letters, digits and single hyphens");
  const repository = () => text("repository", /^[\w.-]+\/[\w.-]+$/, "of GitHub, owner/repository");
  const makers: Readonly<Record<(typeof CLOUDS)[number], () => Scaffold>> = {
    aws: () =>
      awsScaffold(directory, {
        name,
        account: text("account", /^\d{12}$/, "the AWS account's id, 12 digits"),
        region: text("region", /^[a-z]{2}(-[a-z]+)+-\d$/, "a region's code, eu-central-1"),
        repository: repository(),
        image: text(
          "image",
          /^ami-[0-9a-f]{8,17}$/,
          "id of an Ubuntu 24.04 image for x86-64 in that region (docs/images.md)",
        ),
      }),
    azure: () =>
      azureScaffold(directory, {
        name,
        subscription: text("account", UUID, "the subscription's id, a UUID in lower case"),
        tenant: text("tenant", UUID, "the tenant's id, a UUID in lower case"),
        region: text("region", /^[a-z]+\d?$/, "a region's name as it stands in ids, westeurope"),
        repository: repository(),
        image: text(
          "image",
          /^[\w.-]+(:[\w.-]+){3}$|^\/subscriptions\//,
          "one version of an image for x86-64 (docs/images.md)",
        ),
      }),
    existing: () => existingScaffold(directory, { name, ...addresses(options, text) }),
    gcp: () =>
      gcpScaffold(directory, {
        name,
        project: text("account", /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "the project's id, acme-caravan"),
        region: text("region", /^[a-z]+-[a-z]+\d+$/, "a region, europe-west1"),
        repository: repository(),
        image: text(
          "image",
          /^projects\/[\w.-]+\/global\/images\/[\w.-]+$/,
          "full name of an image for x86-64 (docs/images.md)",
        ),
      }),
  };
  const files = makers[known]();
  if (mistakes.length === 0) return files;
  throw new CaravanError([`caravan init ${cloud} needs:`, ...mistakes.map((each) => `  ${each}`)].join("\n"));
}

/** Where nothing is said, the three of development mode on this machine. */
function addresses(
  given: InitOptions,
  text: (option: "vault" | "consul" | "nomad", pattern: RegExp, what: string) => string,
): { vault: string; consul?: string; nomad?: string } {
  const { vault, consul, nomad } = given;
  if (vault === undefined && consul === undefined && nomad === undefined) {
    return { vault: "http://127.0.0.1:8200", consul: "http://127.0.0.1:8500", nomad: "http://127.0.0.1:4646" };
  }
  const address = /^https?:\/\/[^\s/]+$/;
  const what = (port: number) => `its address with scheme and port, https://example.com:${port}`;
  return {
    vault: text("vault", address, what(8200)),
    ...(consul === undefined ? {} : { consul: text("consul", address, what(8501)) }),
    ...(nomad === undefined ? {} : { nomad: text("nomad", address, what(4646)) }),
  };
}
