import { type Scaffold, scaffold } from "./files";

export interface GcpScaffoldProps {
  readonly name: string;
  readonly project: string;
  readonly region: string;
  readonly repository: string;
  readonly image: string;
}

/** An app with the state and infrastructure of an environment on Google Cloud. */
export function gcpScaffold(directory: string, props: GcpScaffoldProps): Scaffold {
  const { name, project, region, repository, image } = props;
  return scaffold(directory, {
    name,
    providers: ["@cdktf/provider-google"],
    // Gates need a runner inside of the network (docs/gitops.md).
    environment: { gates: false },
    main: `import { App } from "cdktf";
import { GcsState, LocalState, summaryTable } from "cdktf-caravan";
import { GcpInfrastructureStack, GcpStateStack, gcpStateBucketName } from "cdktf-caravan/gcp";

const app = new App();
const place = { project: "${project}", region: "${region}" };
const name = "${name}";
const environment = { name, state: new GcsState({ bucket: gcpStateBucketName({ environment: name, ...place }) }) };

// The state of the state's own stack begins in a file: CARAVAN_BOOTSTRAP=1, once.
const bootstrap = process.env["CARAVAN_BOOTSTRAP"] === "1";
new GcpStateStack(app, \`\${name}-state\`, {
  environment: bootstrap ? { name, state: new LocalState() } : environment,
  ...place,
  github: { repository: "${repository}" },
});

new GcpInfrastructureStack(app, \`\${name}-infrastructure\`, {
  environment,
  ...place,
  images: { x86_64: "${image}" },
  workers: { general: { min: 2, max: 6 } },
});

app.synth();
console.log(summaryTable(app));
`,
  });
}
