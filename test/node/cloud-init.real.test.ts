import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformOutput, TerraformVariable } from "cdktf";
import { beforeAll, expect, test } from "vitest";
import { cloudInit, type NodeProps, nodeFiles, userDataLimits } from "../../lib/node";
import { synthesize } from "../support/synth";
import { run, suiteScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { environmentValues, everything, server, worker } from "./examples";
import { Hosts } from "./hosts";

const needs = {
  terraform: findTool("terraform"),
  "cloud-init": findTool("cloud-init"),
  "root, for network namespaces": process.getuid?.() === 0 || undefined,
};

/** User data as Terraform makes it, with values known only then. */
async function userData(program: string, props: NodeProps, bucket: string): Promise<Buffer> {
  const cwd = synthesize((stack) => {
    const name = new TerraformVariable(stack, "bucket", { type: "string" }).stringValue;
    const { userDataBase64 } = cloudInit(props, { ...environmentValues, bucket: name });
    new TerraformOutput(stack, "user_data", { value: userDataBase64, staticId: true });
  });
  writeFileSync(join(cwd, "terraform.tfvars.json"), JSON.stringify({ bucket }));
  const terraform = new Terraform({ program, cwd });
  await terraform.init();
  await terraform.apply();
  return Buffer.from(String((await terraform.output())["user_data"]), "base64");
}

describeWith("the document by the judgement of cloud-init", needs, (found) => {
  const scope = suiteScope();
  let hosts: Hosts;

  beforeAll(async () => {
    hosts = await Hosts.start(scope, { node: "10.9.0.10" });
  });

  test.each(Object.entries<NodeProps>({ server, worker, ...everything }))("%s", async (_, props) => {
    const directory = scope.directory("user-data");
    const bytes = await userData(found.terraform, props, 'odd "name" $(id) ünï');
    expect(bytes.length).toBeLessThanOrEqual(userDataLimits[props.cloud.name]);
    writeFileSync(join(directory, "user-data"), bytes);
    // As cloud-init itself unpacks what a cloud hands it.
    const unpack =
      "import sys; from cloudinit import util; sys.stdout.buffer.write(util.decomp_gzip(open(sys.argv[1], 'rb').read(), decode=False))";
    const { stdout, stderr } = await run("/usr/bin/python3", ["-c", unpack, join(directory, "user-data")]);
    expect(stderr).toBe("");
    writeFileSync(join(directory, "cloud-config"), stdout);
    const judged = await run(found["cloud-init"], ["schema", "--config-file", join(directory, "cloud-config")]);
    expect(`${judged.stdout}${judged.stderr}`).toMatch(/^Valid (cloud-config|schema)/);

    const parse = "import sys, yaml, json; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    const read = JSON.parse((await run("/usr/bin/python3", ["-c", parse, join(directory, "cloud-config")])).stdout);
    const written = read.write_files
      .slice(0, -1)
      .map(({ path, permissions, content }: Record<string, string>) => ({ path, mode: permissions, content }));
    expect(written).toEqual(nodeFiles(props).map(({ path, mode, content }) => ({ path, mode, content })));
    const environment = Buffer.from(read.write_files.at(-1).content, "base64").toString();
    expect(environment).toContain('CARAVAN_BUCKET="odd \\"name\\" \\$(id) ünï"\n');
  });

  test("cloud-init writes the files and does what they need", async () => {
    const bytes = await userData(found.terraform, server, "bucket");
    await hosts.shell(
      "node",
      `mkdir -p /var/lib/cloud/seed/nocloud; echo 'instance-id: i-1' > /var/lib/cloud/seed/nocloud/meta-data
      echo 'datasource_list: [NoCloud]' > /etc/cloud/cloud.cfg.d/99-test.cfg; base64 -d > /var/lib/cloud/seed/nocloud/user-data <<< ${bytes.toString("base64")}
      cloud-init init --local >/dev/null 2>&1; cloud-init init >/dev/null 2>&1; cloud-init single --name write_files --frequency always; cloud-init single --name runcmd --frequency always`,
    );
    const list = nodeFiles(server).map(({ path, mode }) => `${path} ${mode.replace(/^0/, "")}`);
    const stat = await hosts.shell(
      "node",
      `stat -c '%n %a' ${nodeFiles(server)
        .map(({ path }) => path)
        .join(" ")}`,
    );
    expect(stat.trim().split("\n")).toEqual(list);
    const script = await hosts.shell("node", "cat /var/lib/cloud/instance/scripts/runcmd");
    expect(script).toContain("systemctl enable --now --no-block caravan-first-boot.service");
  });
});
