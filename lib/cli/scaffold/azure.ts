import { type Scaffold, scaffold } from "./files";

export interface AzureScaffoldProps {
  readonly name: string;
  readonly subscription: string;
  readonly tenant: string;
  readonly region: string;
  readonly repository: string;
  readonly image: string;
}

/** An app with the state and infrastructure of an environment on Azure. */
export function azureScaffold(directory: string, props: AzureScaffoldProps): Scaffold {
  const { name, subscription, tenant, region, repository, image } = props;
  return scaffold(directory, {
    name,
    providers: ["@cdktf/provider-azurerm"],
    // Gates need a runner inside of the network (docs/gitops.md).
    environment: { gates: false },
    main: `import { App } from "cdktf";
import { AzurermState, LocalState, summaryTable } from "cdktf-caravan";
import { AzureInfrastructureStack, AzureStateStack, azureStateAccountName } from "cdktf-caravan/azure";

const app = new App();
const place = {
  subscriptionId: "${subscription}",
  tenantId: "${tenant}",
  region: "${region}",
};
const name = "${name}";
const resourceGroup = \`caravan-\${name}\`;
const state = new AzurermState({
  storageAccountName: azureStateAccountName({ environment: name, ...place, resourceGroup }),
  containerName: "state",
  resourceGroupName: \`\${resourceGroup}-state\`,
});
const environment = { name, state };

// The state of the state's own stack begins in a file: CARAVAN_BOOTSTRAP=1, once.
const bootstrap = process.env["CARAVAN_BOOTSTRAP"] === "1";
new AzureStateStack(app, \`\${name}-state\`, {
  environment: bootstrap ? { name, state: new LocalState() } : environment,
  ...place,
  github: { repository: "${repository}" },
  // The forge's runners come from anywhere. With runners of your own, say from where: ["203.0.113.0/24"].
  clientRanges: "any",
});

new AzureInfrastructureStack(app, \`\${name}-infrastructure\`, {
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
