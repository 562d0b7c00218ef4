import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CaravanError } from "../../core/errors";
import type { Settings } from "../settings";
import { packageVersion } from "../version";

export interface InitOptions {
  readonly name: string;
  readonly account?: string;
  readonly region?: string;
  readonly repository?: string;
  readonly image?: string;
}

/** `caravan init`: the files of an app that are not there yet. A second run changes nothing. */
export async function init(settings: Settings, [cloud = ""]: readonly string[], options: InitOptions): Promise<void> {
  if (cloud !== "aws") throw new CaravanError(`There is no cloud "${cloud}" to begin with. There is: aws.`);
  const wrong = [
    ...(/^[a-z](-?[a-z0-9]){0,15}$/.test(options.name)
      ? []
      : ["--name: 1 to 16 lower-case letters, digits and single hyphens"]),
    ...(/^\d{12}$/.test(options.account ?? "") ? [] : ["--account: the AWS account's id, 12 digits"]),
    ...(/^[a-z]{2}(-[a-z]+)+-\d$/.test(options.region ?? "") ? [] : ["--region: a region's code, eu-central-1"]),
    ...(/^[\w.-]+\/[\w.-]+$/.test(options.repository ?? "") ? [] : ["--repository: of GitHub, owner/repository"]),
    ...(/^ami-[0-9a-f]{8,17}$/.test(options.image ?? "")
      ? []
      : ["--image: id of an Ubuntu 24.04 image for x86-64 in that region (docs/images.md)"]),
  ];
  if (wrong.length > 0)
    throw new CaravanError(["caravan init aws needs:", ...wrong.map((each) => `  ${each}`)].join("\n"));
  const files = filesOf(settings, options);
  const written = Object.entries(files).filter(([path]) => !existsSync(join(settings.directory, path)));
  for (const [path, text] of written) {
    mkdirSync(dirname(join(settings.directory, path)), { recursive: true });
    writeFileSync(join(settings.directory, path), text);
  }
  const kept = Object.keys(files).filter((path) => !written.some(([each]) => each === path));
  settings.output.result(
    [
      ...written.map(([path]) => `wrote ${path}`),
      ...kept.map((path) => `kept ${path}`),
      "Next: npm install, npm run build, npx caravan synth; then docs/gitops.md, from an empty repository to the first merge.",
    ],
    { written: written.map(([path]) => path), kept },
  );
}

/** The versions that this package was built with. */
function peers(): Readonly<Record<string, string>> {
  for (let directory = __dirname; dirname(directory) !== directory; directory = dirname(directory)) {
    const file = join(directory, "package.json");
    if (!existsSync(file)) continue;
    const { name, peerDependencies } = JSON.parse(readFileSync(file, "utf8"));
    if (name === "cdktf-caravan") return peerDependencies;
  }
  return {};
}

function filesOf({ directory }: Settings, options: InitOptions): Readonly<Record<string, string>> {
  const { name, account, region, repository, image } = options;
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  const { cdktf, constructs, "@cdktf/provider-aws": aws } = peers();
  return {
    "package.json": json({
      name: basename(directory)
        .toLowerCase()
        .replace(/[^a-z0-9.-]/g, "-"),
      private: true,
      scripts: { build: "tsc", synth: "npm run build && caravan synth" },
      dependencies: { "@cdktf/provider-aws": aws, cdktf, "cdktf-caravan": `^${packageVersion()}`, constructs },
      devDependencies: { "@types/node": "^20", typescript: "^5.9.3" },
    }),
    "tsconfig.json": json({
      compilerOptions: {
        target: "ES2022",
        module: "node16",
        moduleResolution: "node16",
        strict: true,
        skipLibCheck: true,
        rootDir: ".",
        outDir: "dist",
        types: ["node"],
      },
      include: ["main.ts"],
    }),
    "cdktf.json": json({ language: "typescript", app: "node dist/main.js", output: "cdktf.out" }),
    "caravan.json": json({
      build: "npm run build",
      // The gates need a runner inside of the network that the first merge makes.
      environments: { [name]: { gates: false } },
    }),
    ".gitignore": "node_modules/\ndist/\ncdktf.out/\n*.tfstate*\n",
    "main.ts": `import { App } from "cdktf";
import { LocalState, S3State, summaryTable } from "cdktf-caravan";
import { AwsInfrastructureStack, AwsStateStack, awsStateBucketName } from "cdktf-caravan/aws";

const app = new App();
const place = { accountId: "${account}", region: "${region}" };
const name = "${name}";
const bucket = awsStateBucketName({ environment: name, ...place });
const environment = { name, state: new S3State({ bucket, region: place.region }) };

// The state of the state's own stack begins in a file: CARAVAN_BOOTSTRAP=1, once.
const bootstrap = process.env["CARAVAN_BOOTSTRAP"] === "1";
new AwsStateStack(app, \`\${name}-state\`, {
  environment: bootstrap ? { name, state: new LocalState() } : environment,
  ...place,
  github: { repository: "${repository}" },
});

new AwsInfrastructureStack(app, \`\${name}-infrastructure\`, {
  environment,
  ...place,
  images: { x86_64: "${image}" },
  workers: { general: { min: 2, max: 6 } },
});

app.synth();
console.log(summaryTable(app));
`,
  };
}
