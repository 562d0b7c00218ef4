import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alertGroups, ruleFile } from "../../../lib/application-support/observability/rules";
import { toYaml } from "../../../lib/application-support/observability/yaml";
import { testScope } from "../../support/temporary";
import { describeWith, findTool } from "../../support/tools";
import { alertCases } from "./alert-cases";

const groups = alertGroups({ vault: 3, consul: 3, nomad: 3 });
const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

describeWith("alert rules", { promtool: findTool("promtool") }, ({ promtool }) => {
  test("promtool takes the rules", () => {
    const scope = testScope();
    const file = join(scope.directory("rules"), "rules.yml");
    writeFileSync(file, toYaml(ruleFile(groups)));
    const { stdout, status } = spawnSync(promtool, ["check", "rules", file], { encoding: "utf8" });
    expect(stdout).toContain(`${names.length} rules found`);
    expect(status).toBe(0);
  });

  test("each rule fires when it should, and not otherwise", () => {
    const scope = testScope();
    expect(Object.keys(alertCases).sort()).toEqual([...names].sort());
    const directory = scope.directory("rules");
    // promtool evaluates all rules of a file at each minute of each of its situations: a file a rule takes seconds.
    const files = groups.flatMap(({ name, rules }) =>
      rules.map((rule) => {
        const at = (what: string) => join(directory, `${rule.alert}-${what}.yml`);
        writeFileSync(at("rule"), toYaml(ruleFile([{ name, rules: [rule] }])));
        const tests = (alertCases[rule.alert] ?? []).map(({ series, at: time = "30m", fires }) => ({
          interval: "1m",
          name: `${rule.alert} fires ${fires} times`,
          input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
          promql_expr_test: [
            {
              expr: `count(ALERTS{alertname="${rule.alert}",alertstate="firing"})`,
              eval_time: time,
              exp_samples: fires === 0 ? [] : [{ value: fires }],
            },
          ],
        }));
        writeFileSync(at("test"), toYaml({ rule_files: [at("rule")], evaluation_interval: "1m", tests }));
        return at("test");
      }),
    );
    const { stdout, stderr, status } = spawnSync(promtool, ["test", "rules", ...files], { encoding: "utf8" });
    expect(stderr + stdout).not.toContain("FAILED");
    expect(status).toBe(0);
  });
});
