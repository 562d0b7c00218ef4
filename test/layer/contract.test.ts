import { App } from "cdktf";
import { expect, test } from "vitest";
import { applied, ContractSchema, LayerStack, LocalState } from "../../lib";

const environment = { name: "prod", state: new LocalState() };
const schema = ContractSchema.of<{ readonly region: string }>()({
  name: "network",
  version: 1,
  applied: { vpcId: applied.string("id of the network") },
});

test("a stack cannot read the contract that it writes", () => {
  const stack = new LayerStack(new App(), "prod-network", { environment });
  const contract = schema.publish(stack, { region: "eu-central-1" }, { vpcId: "vpc-1" });
  expect(() => contract.applied(stack)).toThrow(
    'Stack "prod-network" reads the network contract that it writes itself',
  );
});

test("outputs are named after the contract and the field", () => {
  expect(schema.outputName("vpcId")).toBe("network_vpc_id");
});
