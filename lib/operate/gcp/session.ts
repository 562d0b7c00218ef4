import type { Forward, Forwarding } from "../cloud";
import { OperateError } from "../errors";
import { programOutput } from "../program";
import type { MachineName } from "./instance-group";

/**
 * A tunnel of Identity-Aware Proxy to a port of a machine itself, by gcloud and as whoever is signed in to it:
 * https://cloud.google.com/iap/docs/using-tcp-forwarding
 */
export async function iapForwarding(
  project: string,
  { zone, name }: MachineName,
  { port, localPort }: Forward,
): Promise<Forwarding> {
  await demandGcloud();
  return {
    program: "gcloud",
    args: [
      ...["compute", "start-iap-tunnel", name, String(port)],
      ...[`--local-host-port=127.0.0.1:${localPort}`, `--zone=${zone}`, `--project=${project}`],
    ],
    env: { CLOUDSDK_CORE_DISABLE_PROMPTS: "1" },
    openedText: "Listening on port",
    // The tunnel goes with the program.
    end: async () => undefined,
  };
}

/** Version of gcloud. @throws OperateError where it is missing or does not run */
export async function demandGcloud(): Promise<string> {
  const { error, stdout } = await programOutput("gcloud", ["version", "--format=json"], 30_000);
  if (error === undefined) return (JSON.parse(stdout) as Record<string, string>)["Google Cloud SDK"] ?? "unknown";
  throw new OperateError(
    "failed",
    error.code === "ENOENT" ? "there is no program gcloud on the PATH" : "gcloud does not run",
    "install the Google Cloud CLI: https://cloud.google.com/sdk/docs/install",
  );
}
