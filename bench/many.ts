// A stack of N security groups with three rules each: `many.js <outdir> <layer|l1> <N>`.
import { DataAwsVpc } from "@cdktf/provider-aws/lib/data-aws-vpc";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { LayerStack } from "../lib/layer/layer-stack";
import { LocalState } from "../lib/layer/state";

const [, , outdir, kind, count] = process.argv;
const app = new App({ outdir });
const stack = kind === "l1" ? plainStack() : layerStack();

function plainStack(): TerraformStack {
  const plain = new TerraformStack(app, "bench");
  new LocalBackend(plain, { path: "terraform.tfstate" });
  return plain;
}

function layerStack(): TerraformStack {
  return new LayerStack(app, "bench", { environment: { name: "bench", state: new LocalState() } });
}

new AwsProvider(stack, "aws", { region: "eu-central-1" });
const vpc = new DataAwsVpc(stack, "network", { id: "vpc-0123456789abcdef0" });
for (let index = 0; index < Number(count); index++) {
  new SecurityGroup(stack, `group-${index}`, {
    vpcId: vpc.id,
    description: `group ${index}`,
    tags: { Name: `group-${index}` },
    ingress: [8200, 8500, 4646].map((port) => ({
      fromPort: port,
      toPort: port,
      protocol: "tcp",
      cidrBlocks: ["10.0.0.0/16"],
      description: `port ${port}`,
    })),
  });
}
app.synth();
