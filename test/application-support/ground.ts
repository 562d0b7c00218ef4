import { App } from "cdktf";
import { existingInfrastructure, LocalState } from "../../lib";
import { ApplicationSupportStack, type ApplicationSupportStackProps } from "../../lib/application-support";
import { PlatformStack } from "../../lib/platform";
import { platformProps, terraformFor } from "../platform/platform";
import { consulBehaviours } from "../support/hashicorp/consul";
import { nomadBehaviours } from "../support/hashicorp/nomad";
import type { Servers } from "../support/hashicorp/servers";
import { consulCatalogBehaviours, nomadSupportBehaviours } from "../support/hashicorp/support-objects";
import { vaultBehaviours } from "../support/hashicorp/vault";
import { type Behaviours, StandInProviders } from "../support/providers";
import { resynthesize, stackDirectory } from "../support/synth";
import type { Scope } from "../support/temporary";
import { Terraform } from "../support/terraform";

export type Given = Partial<Omit<ApplicationSupportStackProps, "platform" | "infrastructure" | "environment">>;

export const appsDomain = "apps.example.com";

/** Three servers with a governed platform of two teams, and the support above it under Terraform. */
export class Ground {
  readonly terraform: Terraform;
  private readonly cwd: string;

  private constructor(
    private readonly scope: Scope,
    program: string,
    readonly servers: Servers,
    readonly consulAgent: { readonly address: string; readonly grpcAddress: string },
  ) {
    this.cwd = scope.directory("support");
    const { vault, consul, nomad } = servers;
    const providers = new StandInProviders(scope, {
      vault: vaultBehaviours(vault),
      consul: merged(consulBehaviours(consul), consulCatalogBehaviours(consul)),
      nomad: merged(nomadBehaviours(nomad), nomadSupportBehaviours(nomad)),
    });
    this.terraform = new Terraform({ program, cwd: this.cwd, providers });
  }

  static async start(scope: Scope, program: string, servers: Servers): Promise<Ground> {
    const { DebugConfig } = await servers.consul.must("GET", "agent/self");
    const grpcAddress = String(DebugConfig.GRPCAddrs[0]).replace("tcp://", "http://");
    const ground = new Ground(scope, program, servers, { address: servers.consul.address, grpcAddress });
    const app = new App({ outdir: scope.directory("synth") });
    ground.stacks(app, {});
    const platform = terraformFor(scope, program, stackDirectory(app, "dev-platform"), servers);
    await platform.init();
    await platform.apply();
    ground.commit();
    await ground.terraform.init();
    return ground;
  }

  /** Another commit of the support, with these props. */
  commit(given: Given = {}, change: (support: ApplicationSupportStack) => void = () => {}): void {
    const app = new App({ outdir: this.scope.directory("synth") });
    change(this.stacks(app, given));
    resynthesize(stackDirectory(app, "dev-support"), this.cwd);
  }

  async actions(): Promise<readonly string[]> {
    return (await this.terraform.plan()).actions;
  }

  private stacks(app: App, given: Given): ApplicationSupportStack {
    const known = platformProps(this.servers);
    const infrastructure = existingInfrastructure({ ...known.infrastructure.static, appsDomain } as never);
    const teams = [{ name: "shop" }, { name: "pay" }];
    const { contract: platform } = new PlatformStack(app, "dev-platform", { ...known, infrastructure, teams });
    const environment = { name: "dev", state: new LocalState() };
    const { consulAgent } = this;
    return new ApplicationSupportStack(app, "dev-support", {
      environment,
      platform,
      infrastructure,
      consulAgent,
      ...given,
    });
  }
}

const merged = (...all: readonly Behaviours[]): Behaviours => ({
  ...all[0],
  resources: Object.assign({}, ...all.map(({ resources }) => resources)),
});
