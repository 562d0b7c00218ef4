import { type Scaffold, scaffold } from "./files";

export interface ExistingScaffoldProps {
  readonly name: string;
  /** Addresses with scheme and port. */
  readonly vault: string;
  readonly consul?: string;
  readonly nomad?: string;
}

/** An app with the platform on servers that somebody already runs. */
export function existingScaffold(directory: string, { name, ...addresses }: ExistingScaffoldProps): Scaffold {
  const servers = Object.entries(addresses)
    .filter(([, address]) => address !== undefined)
    .map(([product, address]) => `    ${product}: { address: ${JSON.stringify(address)} },`);
  return scaffold(directory, {
    name,
    providers: ["@cdktf/provider-consul", "@cdktf/provider-nomad", "@cdktf/provider-vault"],
    environment: {},
    main: `import { App } from "cdktf";
import { existingInfrastructure, LocalState, summaryTable } from "cdktf-caravan";
import { PlatformStack } from "cdktf-caravan/platform";

const app = new App();
const name = "${name}";

new PlatformStack(app, \`\${name}-platform\`, {
  // For more than one person: new S3State({ bucket, region }).
  environment: { name, state: new LocalState() },
  infrastructure: existingInfrastructure({
    environment: name,
${servers.join("\n")}
  }),
});

app.synth();
console.log(summaryTable(app));
`,
  });
}
