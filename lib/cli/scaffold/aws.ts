import { type Scaffold, scaffold } from "./files";

export interface AwsScaffoldProps {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly image: string;
}

/** An app with the state and infrastructure of an environment on AWS. */
export function awsScaffold(directory: string, props: AwsScaffoldProps): Scaffold {
  const { name, account, region, repository, image } = props;
  return scaffold(directory, {
    name,
    providers: ["@cdktf/provider-aws"],
    // Gates need a runner inside of the network (docs/gitops.md).
    environment: { gates: false },
    main: `import { App } from "cdktf";
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
  });
}
