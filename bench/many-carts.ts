// A stack of many Carts, each calling the one before it: `many-carts.js <outdir> <count>`.
import { App } from "cdktf";
import { Cart, CartsStack } from "../lib/carts";
import { LocalState } from "../lib/layer";
import { canary, httpCheck } from "../lib/nomad";
import { remotePlatform } from "../lib/platform";

const [, , outdir, count] = process.argv;
const environment = { name: "dev", state: new LocalState() };
const address = (product: string) => ({
  machine: `https://${product}.example.com`,
  people: `https://${product}.example.com`,
});
const platform = remotePlatform({
  stackId: "dev-platform",
  state: environment.state,
  static: {
    environment: "dev",
    products: ["vault", "consul", "nomad"],
    addresses: { vault: address("vault"), consul: address("consul"), nomad: address("nomad") },
    datacenter: "dc1",
    nomadRegion: "global",
    kvMount: "secret",
    workloads: {
      vaultMount: "jwt-nomad",
      vaultRole: "nomad-workloads",
      consulMethod: "nomad-workloads",
      vaultClaim: "unique-id",
    },
    namespaces: ["default"],
    nodePools: ["default"],
    teams: {},
    meshProtocol: "http",
  },
});
const carts = Array.from({ length: Number(count) }, (_, index) => {
  const name = `cart-${index}`;
  const image = `registry.example.com/${name}:1.0.0`;
  return new Cart(name, {
    jobs: { id: name, ...canary(), group: { web: { task: { web: { driver: "docker", config: { image } } } } } },
    provides: { name, port: 8080, health: httpCheck("/health"), metrics: {} },
    ...(index === 0 ? {} : { consumes: { service: `cart-${index - 1}`, localPort: 9001 } }),
    secrets: { path: "database", env: { DB_PASSWORD: "password" } },
  });
});
const app = new App({ outdir });
new CartsStack(app, "dev-carts", { environment, platform, carts });
app.synth();
