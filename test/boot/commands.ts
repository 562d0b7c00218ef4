import type { RunResult } from "../support/scope";
import type { Cluster } from "./cluster";

/** Plays Systems Manager, whose agent runs on every node what it is told, as root. */
export function playCommands(cluster: Cluster): void {
  const invocations = new Map<string, { result?: RunResult }>();
  cluster.cloud.play("ssm", (action, input) => {
    if (action === "SendCommand") {
      const [id] = input["InstanceIds"] as string[];
      const host = [...cluster.servers, ...cluster.workers].find(({ instance }) => instance.instanceId === id);
      if (host === undefined) return undefined;
      const invocation: { result?: RunResult } = {};
      const CommandId = `command-${invocations.size + 1}`;
      invocations.set(CommandId, invocation);
      host.try("sh", "-c", (input["Parameters"].commands as string[]).join("\n")).then(
        (result) => {
          invocation.result = result;
        },
        (error: unknown) => {
          invocation.result = { code: 1, stdout: "", stderr: String(error) };
        },
      );
      return JSON.stringify({ Command: { CommandId } });
    }
    if (action !== "GetCommandInvocation") return undefined;
    const result = invocations.get(input["CommandId"])?.result;
    if (result === undefined) return JSON.stringify({ Status: "InProgress", ResponseCode: -1 });
    return JSON.stringify({
      Status: result.code === 0 ? "Success" : "Failed",
      ResponseCode: result.code,
      StandardOutputContent: result.stdout.slice(0, 24_000),
      StandardErrorContent: result.stderr.slice(0, 24_000),
    });
  });
}
