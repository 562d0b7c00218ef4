import { App } from "cdktf";
import { LocalState } from "../../lib";
import { type Cart, CartsStack, type CartsStackProps } from "../../lib/carts";
import { type PlatformContract, PlatformStack, remotePlatform } from "../../lib/platform";
import { type Given, platformProps, terraformFor } from "../platform/platform";
import { Issuer } from "../platform/support/issuer";
import { asPipeline, withGrant } from "../platform/support/sign-in";
import { consulBehaviours } from "../support/hashicorp/consul";
import { nomadBehaviours } from "../support/hashicorp/nomad";
import { nomadJobBehaviours } from "../support/hashicorp/nomad-jobs";
import { type Servers, startServers } from "../support/hashicorp/servers";
import { csiVolume } from "../support/hashicorp/support-objects";
import { StandInProviders } from "../support/providers";
import { resynthesize, stackDirectory } from "../support/synth";
import type { Scope } from "../support/temporary";
import { Terraform } from "../support/terraform";

const environment = { name: "dev", state: new LocalState() };

/** Three servers with a governed platform on which the team `shop` deploys its Carts. */
export interface Ground {
  readonly servers: Servers;
  readonly platform: PlatformContract;
  /** The servers as the team's pipeline, and nobody more. */
  readonly ofTeam: Servers;
}

export async function governed(
  scope: Scope,
  programs: { readonly vault: string; readonly consul: string; readonly nomad: string; readonly terraform: string },
  given: Given = {},
): Promise<Ground> {
  const [issuer, servers] = await Promise.all([Issuer.start(scope), startServers(scope, programs)]);
  const app = new App({ outdir: scope.directory("synth") });
  const stack = new PlatformStack(app, "dev-platform", {
    ...platformProps(servers),
    ci: { issuers: { github: issuer.url } },
    teams: [
      {
        name: "shop",
        ci: { github: { repository: "acme/shop" } },
        drivers: ["raw_exec", "docker"],
        networks: ["host", "bridge"],
      },
      { name: "pay" },
    ],
    ...given,
  });
  const cwd = stackDirectory(app, "dev-platform");
  const terraform = terraformFor(scope, programs.terraform, cwd, servers);
  await terraform.init();
  await terraform.apply();
  const jwt = issuer.sign({ sub: "repo:acme/shop", aud: servers.vault.address, repository: "acme/shop" });
  const ofTeam = await withGrant(servers, await asPipeline(servers, jwt, "ci-shop"), "ci-shop");
  const known = stack.contract.static;
  const platform = remotePlatform({ static: known, stackId: "dev-platform", state: environment.state });
  return { servers, platform, ofTeam };
}

/** A stack of Carts under Terraform, by somebody's tokens; given again, it is another commit of the same stack. */
export class AppliedCarts {
  readonly terraform: Terraform;
  private readonly cwd: string;

  constructor(
    private readonly scope: Scope,
    program: string,
    private readonly ground: Pick<Ground, "platform">,
    { consul, nomad }: Servers,
  ) {
    this.cwd = scope.directory("carts");
    const { resources: common = {} } = nomadBehaviours(nomad);
    const providers = new StandInProviders(scope, {
      consul: consulBehaviours(consul),
      nomad: { resources: { ...common, ...nomadJobBehaviours(nomad).resources, nomad_csi_volume: csiVolume(nomad) } },
    });
    this.terraform = new Terraform({ program, cwd: this.cwd, providers });
  }

  /** Writes what these Carts come to into the stack's directory. */
  async commit(carts: readonly Cart[], given: Partial<CartsStackProps> = {}): Promise<void> {
    const app = new App({ outdir: this.scope.directory("synth") });
    const { platform } = this.ground;
    new CartsStack(app, "dev-carts", { environment, platform, carts, deletionProtection: false, ...given });
    resynthesize(stackDirectory(app, "dev-carts"), this.cwd);
    await this.terraform.init();
  }

  async actions(): Promise<readonly string[]> {
    return (await this.terraform.plan()).actions.map((action) => action.replace(/_[0-9A-F]{8}$/, ""));
  }

  /** Destroys all of it. Nomad keeps a volume while an allocation holds it: then the next time takes it away. */
  async destroy(): Promise<void> {
    for (const end = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 1_000))) {
      try {
        await this.terraform.destroy();
        return;
      } catch (error) {
        if (!String(error).includes("in use by allocations") || Date.now() > end) throw error;
      }
    }
  }
}
