import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findTool } from "./programs";
import { freePort, type RunningProcess, run, type Scope } from "./scope";

/** The version of moto whose limits `README.md` tells. */
const VERSION = "5.2.1";
const SERVICES =
  "acm,autoscaling,backup,cloudwatch,dynamodb,ec2,efs,elbv2,events,iam,kms,logs,route53,s3,secretsmanager,sns,sqs,ssm,sts";

/** The account that everything in moto belongs to. */
export const MOTO_ACCOUNT = "123456789012";

/** What a suite with moto needs: `moto_server`, or a Python that can install it. */
export function findMoto(): string | undefined {
  return findTool("moto_server") ?? findTool("python3");
}

/** A running imitation of AWS, empty at first. */
export class Moto {
  private constructor(
    readonly endpoint: string,
    private readonly server: RunningProcess,
  ) {}

  /**
   * Starts one on a free port. It ends with the scope.
   *
   * @param images Machine images that there are, by their ids, with the processor of each. @default - moto's own
   */
  static async start(scope: Scope, images?: Readonly<Record<string, "x86_64" | "arm64">>): Promise<Moto> {
    const program = await motoProgram();
    const port = await freePort();
    // Its recorder writes a file where it runs.
    const cwd = scope.directory("moto");
    const env = { ...process.env };
    if (images !== undefined) {
      env["MOTO_AMIS_PATH"] = join(cwd, "images.json");
      const all = Object.entries(images).map(([ami_id, architecture]) => imageOf(ami_id, architecture));
      writeFileSync(env["MOTO_AMIS_PATH"], JSON.stringify(all));
    }
    const server = scope.process(program, ["-H", "127.0.0.1", "-p", String(port)], { cwd, env });
    const moto = new Moto(`http://127.0.0.1:${port}`, server);
    await server.until(async () => (await fetch(`${moto.endpoint}/moto-api/data.json`)).ok, "moto_server");
    return moto;
  }

  /** Forgets everything, as between two tests. */
  async reset(): Promise<void> {
    const answer = await fetch(`${this.endpoint}/moto-api/reset`, { method: "POST" });
    if (!answer.ok) throw new Error(`moto's reset: HTTP ${answer.status}\n${this.server.output}`);
  }

  /** What of its log tells of failures, for a test that has failed: an SDK asks again after one, and is told of a duplicate. */
  get failures(): string {
    const lines = this.server.output.split("\n");
    return lines.filter((line) => / 5\d\d -|Traceback|Error/.test(line)).join("\n");
  }

  /** Variables that lead every AWS SDK here, Terraform's AWS provider and S3 backend among them. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }
}

/**
 * Pins a synthesized stack to another version of the AWS provider than its bindings', by an override file beside
 * `cdk.tf.json`. Nothing else of the configuration changes: `Moto.env` leads the provider to moto.
 *
 * @param version The version of the real provider that is at hand, `"5.100.0"`.
 */
export function useAwsProvider(directory: string, version: string): void {
  const terraform = { required_providers: { aws: { source: "hashicorp/aws", version } } };
  writeFileSync(join(directory, "aws_provider_override.tf.json"), JSON.stringify({ terraform }));
}

/** The path of `moto_server`, installed first where it is missing. */
export async function motoProgram(): Promise<string> {
  return findTool("moto_server") ?? (await installMoto());
}

/**
 * Takes out of a synthesized stack what moto 5.2.1 cannot make or take: it takes a bucket's metrics for another bucket, and
 * denies what a bucket's policy denies whatever the conditions.
 */
export function leaveOutForMoto(directory: string): void {
  const file = join(directory, "cdk.tf.json");
  const { resource = {}, ...rest } = JSON.parse(readFileSync(file, "utf8")) as {
    resource?: Record<string, Record<string, { policy?: string }>>;
  };
  delete resource["aws_s3_bucket_metric"];
  for (const bucketPolicy of Object.values(resource["aws_s3_bucket_policy"] ?? {})) {
    bucketPolicy.policy = bucketPolicy.policy?.replaceAll('"Deny"', '"Allow"');
  }
  writeFileSync(file, JSON.stringify({ ...rest, resource }));
}

/** A machine image as moto's file of them has it. */
function imageOf(ami_id: string, architecture: string) {
  return {
    ami_id,
    architecture,
    ...{ name: ami_id, description: "Ubuntu 24.04", owner_id: "099720109477", public: true, state: "available" },
    ...{ virtualization_type: "hvm", image_type: "machine", hypervisor: "xen", sriov: "simple" },
    ...{ root_device_name: "/dev/sda1", root_device_type: "ebs" },
  };
}

const INSTALL_MS = 240_000;

/** Installs moto into a virtual environment that later runs use again. One test process installs, others wait. */
async function installMoto(): Promise<string> {
  const python = findTool("python3");
  if (python === undefined) throw new Error("neither moto_server nor python3 is on the PATH");
  const home = join(process.cwd(), "node_modules", ".cache", "cdktf-caravan", `moto-${VERSION}`);
  const [program, done, lock] = [join(home, "bin", "moto_server"), join(home, "installed"), `${home}.lock`];
  mkdirSync(dirname(home), { recursive: true });
  const end = Date.now() + INSTALL_MS;
  while (!existsSync(done)) {
    if (!take(lock)) {
      if (Date.now() > end) throw new Error(`another process still installs moto, or died: remove ${lock}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    try {
      await demand(python, ["-m", "venv", "--clear", home]);
      await demand(join(home, "bin", "pip"), ["install", "--quiet", `moto[server,${SERVICES}]==${VERSION}`]);
      writeFileSync(done, "");
    } finally {
      rmdirSync(lock);
    }
  }
  return program;
}

function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function demand(command: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, { timeoutMs: INSTALL_MS });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
}
