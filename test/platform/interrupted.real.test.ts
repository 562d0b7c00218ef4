import { beforeAll, expect, test } from "vitest";
import { consulBehaviours } from "../support/hashicorp/consul";
import { nomadBehaviours } from "../support/hashicorp/nomad";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startServers } from "../support/hashicorp/servers";
import { vaultBehaviours } from "../support/hashicorp/vault";
import { type Behaviours, type ResourceBehaviour, StandInProviders } from "../support/providers";
import { resynthesize } from "../support/synth";
import { suiteScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { platformDirectory } from "./platform";

/** At which call Terraform is killed, and whether before or after the server has heard of it. */
interface Trap {
  /** The type that is made. */
  readonly type: RegExp;
  /** How many of these are let through. */
  readonly passing: number;
  readonly when: "before" | "after";
}

describeWith(
  "an apply of a platform that is killed",
  { ...productPrograms, terraform: findTool("terraform") },
  (programs) => {
    const scope = suiteScope();
    let servers: Servers;
    let terraform: Terraform;
    let cwd: string;
    let trap: Trap | undefined;
    let kill = () => {};

    /** A provider in whose calls Terraform is killed, once. */
    const trapped = ({ resources, ...rest }: Behaviours): Behaviours => ({
      ...rest,
      resources: Object.fromEntries(
        Object.entries(resources ?? {}).map(([type, behaviour]): [string, ResourceBehaviour] => {
          const { create } = behaviour;
          if (create === undefined) return [type, behaviour];
          return [
            type,
            {
              ...behaviour,
              async create(planned, context) {
                const sprung = trap?.type.test(type) ? trap : undefined;
                if (sprung === undefined) return create(planned, context);
                trap = sprung.passing === 0 ? undefined : { ...sprung, passing: sprung.passing - 1 };
                if (trap !== undefined) return create(planned, context);
                if (sprung.when === "after") await create(planned, context);
                kill();
                throw new Error("nobody listens any more");
              },
            },
          ];
        }),
      ),
    });

    const killedAt = async (at: Trap) => {
      trap = at;
      // One call at a time: it is known what the servers have heard of.
      const signal = await terraform.applyUntilKilled((end) => {
        kill = end;
      }, "-parallelism=1");
      expect(signal).toBe("SIGKILL");
    };

    beforeAll(async () => {
      servers = await startServers(scope, programs);
      cwd = platformDirectory(scope, servers, { teams: [{ name: "shop" }] });
      const providers = new StandInProviders(scope, {
        vault: trapped(vaultBehaviours(servers.vault)),
        consul: trapped(consulBehaviours(servers.consul)),
        nomad: trapped(nomadBehaviours(servers.nomad)),
      });
      terraform = new Terraform({ program: programs.terraform, cwd, providers });
      await terraform.init();
    });

    test("is finished by the next one, wherever it was killed", async () => {
      await killedAt({ type: /^vault_policy$|^nomad_acl_policy$/, passing: 1, when: "after" });
      for (const passing of [0, 5, 20]) await killedAt({ type: /./, passing, when: "before" });
      await terraform.apply();
      expect((await terraform.plan()).actions).toEqual([]);
    });

    test("what the server made and Terraform did not hear of is told by its name, and an import goes on with it", async () => {
      resynthesize(platformDirectory(scope, servers, { teams: [{ name: "shop" }, { name: "pay" }] }), cwd);
      await killedAt({ type: /^consul_acl_policy$/, passing: 0, when: "after" });
      const before = new Set([...(await terraform.state()).values()].map(({ values }) => values["id"]));
      const there = await servers.consul.must("GET", "acl/policies");
      const [orphan, ...others] = there.filter(({ ID, Name }: { ID: string; Name: string }) => {
        return !before.has(ID) && !/^(builtin\/|global-management)/.test(Name);
      });
      expect(others).toEqual([]);
      await expect(terraform.apply()).rejects.toThrow(orphan.Name);
      const { plan } = await terraform.plan();
      const one = plan.resource_changes.find(({ type, change }) => {
        return (
          type === "consul_acl_policy" && change.actions.includes("create") && change.after?.["name"] === orphan.Name
        );
      });
      await terraform.import(one?.address ?? "", orphan.ID);
      await terraform.apply();
      expect((await terraform.plan()).actions).toEqual([]);
    });
  },
);
