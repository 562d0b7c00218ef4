import { App } from "cdktf";
import { existingInfrastructure, LocalState } from "../../lib";
import { ApplicationSupportStack, type ApplicationSupportStackProps } from "../../lib/application-support";
import { type PlatformContract, PlatformStack, type PlatformStackProps, remotePlatform } from "../../lib/platform";
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

/** What of the platform differs from one of two teams. */
export type PlatformGiven = Partial<Pick<PlatformStackProps, "nomad" | "vault">>;

interface Agent {
  readonly address: string;
  readonly grpcAddress: string;
}

/** Three servers with a governed platform of two teams, and the support above it under Terraform. */
export class Ground {
  readonly terraform: Terraform;
  /** Where the support's stack stands. */
  readonly directory: string;

  private constructor(
    private readonly scope: Scope,
    program: string,
    readonly servers: Servers,
    readonly consulAgent: Agent,
    private readonly ofPlatform: PlatformGiven,
    /** For stacks of another app. */
    readonly platform: PlatformContract,
  ) {
    this.directory = scope.directory("support");
    const { vault, consul, nomad } = servers;
    const providers = new StandInProviders(scope, {
      vault: vaultBehaviours(vault),
      consul: merged(consulBehaviours(consul), consulCatalogBehaviours(consul)),
      nomad: merged(nomadBehaviours(nomad), nomadSupportBehaviours(nomad)),
    });
    this.terraform = new Terraform({ program, cwd: this.directory, providers });
  }

  static async start(scope: Scope, program: string, servers: Servers, ofPlatform: PlatformGiven = {}): Promise<Ground> {
    const { DebugConfig } = await servers.consul.must("GET", "agent/self");
    const grpcAddress = String(DebugConfig.GRPCAddrs[0]).replace("tcp://", "http://");
    const agent = { address: servers.consul.address, grpcAddress };
    const app = new App({ outdir: scope.directory("synth") });
    const { static: known } = stacks(app, servers, agent, ofPlatform, {}).platform;
    const applied = terraformFor(scope, program, stackDirectory(app, "dev-platform"), servers);
    await applied.init();
    await applied.apply();
    const platform = remotePlatform({ static: known, stackId: "dev-platform", state: environment.state });
    const ground = new Ground(scope, program, servers, agent, ofPlatform, platform);
    ground.commit();
    await ground.terraform.init();
    return ground;
  }

  /** Another commit of the support, with these props. */
  commit(given: Given = {}, change: (support: ApplicationSupportStack) => void = () => {}): void {
    const app = new App({ outdir: this.scope.directory("synth") });
    change(stacks(app, this.servers, this.consulAgent, this.ofPlatform, given).support);
    resynthesize(stackDirectory(app, "dev-support"), this.directory);
  }

  async actions(): Promise<readonly string[]> {
    return (await this.terraform.plan()).actions;
  }
}

const environment = { name: "dev", state: new LocalState() };

function stacks(app: App, servers: Servers, consulAgent: Agent, ofPlatform: PlatformGiven, given: Given) {
  const known = platformProps(servers);
  const infrastructure = existingInfrastructure({ ...known.infrastructure.static, appsDomain } as never);
  const teams = [{ name: "shop" }, { name: "pay" }];
  const { contract: platform } = new PlatformStack(app, "dev-platform", {
    ...known,
    infrastructure,
    teams,
    ...ofPlatform,
  });
  const support = new ApplicationSupportStack(app, "dev-support", {
    environment,
    platform,
    infrastructure,
    consulAgent,
    ...given,
  });
  return { platform, support };
}

const merged = (...all: readonly Behaviours[]): Behaviours => ({
  resources: Object.assign({}, ...all.map(({ resources }) => resources)),
  data: Object.assign({}, ...all.map(({ data }) => data)),
});
