import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exampleImages } from "../examples/images";
import { StandInProviders } from "../support/providers";
import { run, testScope } from "../support/temporary";
import { Terraform } from "../support/terraform";

/** A stack's plan as JSON in a file, by the stand-in for the AWS provider: what scanners read best. */
export async function planFile(program: string, cwd: string): Promise<string> {
  const providers = new StandInProviders(testScope(), exampleImages);
  const terraform = new Terraform({ program, cwd, providers });
  await terraform.init();
  const { file } = await terraform.plan();
  const json = join(cwd, "plan.json");
  writeFileSync(json, await terraform.succeed("show", "-json", file));
  return json;
}

/**
 * What Checkov finds in a plan: `"CKV_AWS_144 aws_s3_bucket.logs"`, sorted.
 *
 * @param config A configuration file of Checkov's.
 */
export async function checkovFindings(program: string, plan: string, config?: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(
    program,
    [
      ...["-f", plan, "--framework", "terraform_plan", "--output", "json", "--quiet", "--compact"],
      ...["--skip-download", "--soft-fail"],
      ...(config === undefined ? [] : ["--config-file", config]),
    ],
    { env: { PATH: process.env["PATH"], HOME: process.env["HOME"], LOG_LEVEL: "ERROR" }, timeoutMs: 300_000 },
  );
  if (code !== 0) throw new Error(`checkov: exit code ${code}\n${stderr}`);
  const report: {
    readonly summary: { readonly parsing_errors: number; readonly resource_count: number };
    readonly results: { readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[] };
  } = JSON.parse(stdout);
  if (report.summary.parsing_errors > 0 || report.summary.resource_count === 0) throw new Error(stdout);
  return report.results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource}`).sort();
}
