import { join } from "node:path";
import { App, TerraformOutput } from "cdktf";
import { expect, test } from "vitest";
import { applied, type Contract, ContractSchema, LayerStack, LocalState } from "../../lib";
import { testScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";

interface NetworkStatic {
  readonly region: string;
  readonly groups: readonly string[];
  readonly motto: string;
}

const networkStatic: NetworkStatic = { region: "eu-central-1", groups: ["main", "edge"], motto: 'say "${x}" %{y}' };
const networkFields = {
  vpcId: applied.string("id of the network"),
  size: applied.number("number of addresses"),
  open: applied.boolean("whether it has a way out"),
  subnetIds: applied.strings("ids of the subnets"),
  roleArns: applied.map("ARN of each group's role"),
} as const;
const schema = ContractSchema.of<NetworkStatic>()({ name: "network", version: 2, applied: networkFields });

for (const name of ["terraform", "tofu"]) {
  describeWith(`the contract, applied by ${name}`, { [name]: findTool(name) }, (found) => {
    const program = String(found[name]);

    /** One repository: an app of its own whose stacks keep their state in a directory that others can read. */
    function repository(stateDirectory: string) {
      const app = new App({ outdir: testScope().directory("contract") });
      const environment = { name: "prod", state: new LocalState({ directory: stateDirectory }) };
      const terraform = (stack: LayerStack) =>
        new Terraform({ program, cwd: join(app.outdir, "stacks", stack.node.id) });
      return { app, environment, terraform };
    }

    type Repository = ReturnType<typeof repository>;

    function producer({ app, environment }: Repository) {
      const stack = new LayerStack(app, "prod-network", { environment });
      const contract = schema.publish(stack, networkStatic, {
        vpcId: "vpc-1",
        size: 4096,
        open: true,
        subnetIds: ["subnet-a", "subnet-b"],
        roleArns: { main: "arn:main", "edge-1": "arn:edge", "2nd": "arn:2nd" },
      });
      return { stack, contract };
    }

    function consumer({ app, environment }: Repository, contract: Contract<NetworkStatic, typeof networkFields>) {
      const stack = new LayerStack(app, "prod-platform", { environment });
      const { vpcId, size, open, subnetIds, roleArns } = contract.applied(stack);
      const value = {
        vpcId,
        size,
        open,
        subnetIds,
        roles: [roleArns.get("main"), roleArns.get("edge-1"), roleArns.get("2nd")],
        all: roleArns.asMap(),
        region: contract.static.region,
      };
      new TerraformOutput(stack, "read", { value });
      return stack;
    }

    const everything = {
      vpcId: "vpc-1",
      size: 4096,
      open: true,
      subnetIds: ["subnet-a", "subnet-b"],
      roles: ["arn:main", "arn:edge", "arn:2nd"],
      all: { main: "arn:main", "edge-1": "arn:edge", "2nd": "arn:2nd" },
      region: "eu-central-1",
    };

    test("carries every kind of value between two stacks of one app", async () => {
      const repo = repository(testScope().directory("state"));
      const { stack, contract } = producer(repo);
      const reading = consumer(repo, contract);
      repo.app.synth();
      expect(reading.dependsOn(stack)).toBe(true);
      for (const each of [stack, reading]) {
        await repo.terraform(each).init();
        await repo.terraform(each).apply();
      }
      expect((await repo.terraform(reading).output())["read"]).toEqual(everything);
      expect((await repo.terraform(reading).plan()).changes).toBe(false);
    });

    test("carries the same between two repositories, and says what differs before anything is planned", async () => {
      const stateDirectory = testScope().directory("state");
      const ours = repository(stateDirectory);
      const { stack } = producer(ours);
      ours.app.synth();
      await ours.terraform(stack).init();
      await ours.terraform(stack).apply();

      const planOf = async (remote: (source: { stackId: string; state: LocalState }) => Contract<never, never>) => {
        const theirs = repository(stateDirectory);
        const contract = remote({ stackId: "prod-network", state: theirs.environment.state });
        const reading = consumer(theirs, contract as never);
        theirs.app.synth();
        await theirs.terraform(reading).init();
        await theirs.terraform(reading).apply();
        return (await theirs.terraform(reading).output())["read"];
      };
      const refusal = async (remote: Parameters<typeof planOf>[0]) => {
        const error: Error = await planOf(remote).then(
          () => new Error("it was applied"),
          (reason) => reason,
        );
        return error.message.replace(/\n[│ ]*/g, " ");
      };

      expect(await planOf((source) => schema.remote(networkStatic, source) as never)).toEqual(everything);
      expect(
        await refusal((source) => schema.remote({ ...networkStatic, region: "us-east-1" }, source) as never),
      ).toContain(
        'The network contract of stack "prod-network" has another region: "eu-central-1" there, "us-east-1" here.',
      );
      const newer = ContractSchema.of<NetworkStatic>()({ name: "network", version: 3, applied: networkFields });
      expect(await refusal((source) => newer.remote(networkStatic, source) as never)).toContain(
        'Stack "prod-network" does not write version 3 of the network contract, which this stack reads.',
      );
      const wider = ContractSchema.of<NetworkStatic>()({
        name: "network",
        version: 2,
        applied: { ...networkFields, aclId: applied.string("id of the ACL") },
      });
      expect(await refusal((source) => wider.remote(networkStatic, source) as never)).toContain(
        'Stack "prod-network" lacks outputs of the network contract: network_acl_id.',
      );
    });
  });
}
