import { execFile } from "node:child_process";
import type { Forward, Forwarding } from "../cloud";
import { OperateError } from "../errors";
import { type AwsApi, AwsError } from "./api";

/** AWS's program for the near end of a session: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html */
export const SESSION_PLUGIN = "session-manager-plugin";

/** The oldest that AWS supports: https://docs.aws.amazon.com/systems-manager/latest/userguide/plugin-version-history.html */
export const SESSION_PLUGIN_VERSION = [1, 2, 764] as const;

const DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost";
/** By this variable the program takes what StartSession answered, so that its token is in no list of processes. */
const RESPONSE = "AWS_SSM_START_SESSION_RESPONSE";
const ASK_MS = 30_000;

interface Session {
  readonly SessionId: string;
  readonly StreamUrl: string;
  readonly TokenValue: string;
}

/** Starts a session that carries a port by way of an instance. */
export async function startForwarding(
  api: AwsApi,
  target: string,
  { host, port, localPort }: Forward,
  signal: AbortSignal,
): Promise<Forwarding> {
  await sessionPluginVersion();
  const request = {
    Target: target,
    DocumentName: DOCUMENT,
    Reason: "caravan tunnel",
    Parameters: { host: [host], portNumber: [String(port)], localPortNumber: [String(localPort)] },
  };
  const session = await start(api, request, signal);
  const { accessKeyId, secretAccessKey, sessionToken } = await api.credentials();
  return {
    program: SESSION_PLUGIN,
    // Response, region, operation, profile, request, endpoint: in this order.
    args: [RESPONSE, api.region, "StartSession", "", JSON.stringify(request), api.endpointOf("ssm")],
    env: {
      [RESPONSE]: JSON.stringify(session),
      // It signs its own calls, as whoever started the session.
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_PROFILE: undefined,
      SSM_PLUGIN_LOCAL_HOST: "127.0.0.1",
    },
    openedText: "opened for sessionId",
    end: async (ending) => {
      await api
        .json("ssm", "AmazonSSM.TerminateSession", { SessionId: session.SessionId }, ending)
        .catch(() => undefined);
    },
  };
}

async function start(api: AwsApi, request: { readonly Target: string }, signal: AbortSignal): Promise<Session> {
  try {
    return await api.json<Session>("ssm", "AmazonSSM.StartSession", request, signal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === "TargetNotConnected") {
      throw new OperateError(
        "unreachable",
        `Systems Manager does not reach ${request.Target}`,
        "see that its agent runs and reaches the network, or name another machine",
      );
    }
    if (error.kind !== "denied") throw error;
    throw new OperateError(
      "denied",
      error.reason,
      `act as somebody who may start sessions with ${DOCUMENT} on the environment's machines (docs/caravan.md, tunnels)`,
    );
  }
}

/** Version of the program that is there. @throws OperateError where it is missing or older than AWS supports */
export function sessionPluginVersion(): Promise<string> {
  const fix = `install AWS's Session Manager plugin, ${SESSION_PLUGIN_VERSION.join(".")} or later: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html`;
  return new Promise((resolve, reject) => {
    execFile(SESSION_PLUGIN, ["--version"], { timeout: ASK_MS }, (error, stdout) => {
      const version = stdout.trim();
      if (error !== null) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        const why = missing ? `there is no program ${SESSION_PLUGIN} on the PATH` : `${SESSION_PLUGIN} does not run`;
        return reject(new OperateError("failed", why, fix));
      }
      if (atLeast(version)) return resolve(version);
      reject(new OperateError("failed", `${SESSION_PLUGIN} is of version ${version}, which is too old`, fix));
    });
  });
}

function atLeast(version: string): boolean {
  const found = version.split(".").map(Number);
  for (const [index, wanted] of SESSION_PLUGIN_VERSION.entries()) {
    const part = found[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
