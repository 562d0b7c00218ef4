import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Scope } from "../support/temporary";

/** A key whose session is over. */
export const EXPIRED = "ASIAEXPIREDEXPIRED00";

export interface StartedSession {
  readonly Target: string;
  readonly DocumentName: string;
  readonly Parameters: Readonly<Record<"host" | "portNumber" | "localPortNumber", readonly string[]>>;
}

/**
 * AWS as the command sees it: moto, and before it what moto does not do. Sessions of Systems Manager are answered with an id and a
 * token; what is carried is the plugin's matter (`session-manager-plugin.mjs`). A command for a machine runs `onCommand` in place
 * of a shell there. Machines have the address of the servers, loopback. Nobody's rights are judged, but a session that has expired is refused as AWS refuses it.
 */
export class AwsFront {
  readonly started: StartedSession[] = [];
  readonly terminated: string[] = [];
  readonly commands: string[] = [];
  /** Machines that Systems Manager does not reach. */
  readonly unreached = new Set<string>();
  onCommand: (script: string) => Promise<void> = async () => {};

  private constructor(
    readonly endpoint: string,
    private readonly behind: string,
  ) {}

  static async start(scope: Scope, behind: string): Promise<AwsFront> {
    let front: AwsFront | undefined;
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.once("end", () => front?.answer(request, Buffer.concat(parts), response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    scope.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    front = new AwsFront(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, behind);
    return front;
  }

  private async answer(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const tell = (status: number, value: object) => response.writeHead(status).end(JSON.stringify(value));
    const target = String(request.headers["x-amz-target"] ?? "");
    if (request.headers.authorization?.includes(EXPIRED)) {
      const message = "The security token included in the request is expired";
      if (target !== "") return void tell(400, { __type: "ExpiredTokenException", message });
      const code = `<Code>ExpiredToken</Code><Message>${message}</Message>`;
      response.writeHead(403).end(`<ErrorResponse><Error>${code}</Error></ErrorResponse>`);
      return;
    }
    const asked = target.startsWith("AmazonSSM.") ? JSON.parse(body.toString()) : {};
    switch (target) {
      case "AmazonSSM.StartSession": {
        if (this.unreached.has(asked.Target)) {
          const message = `${asked.Target} is not connected.`;
          return void tell(400, { __type: "TargetNotConnected", message });
        }
        this.started.push(asked);
        const SessionId = `person-${this.started.length}`;
        const StreamUrl = `wss://ssmmessages.eu-central-1.amazonaws.com/v1/data-channel/${SessionId}?role=publish_subscribe`;
        return void tell(200, { SessionId, StreamUrl, TokenValue: `token-of-${SessionId}` });
      }
      case "AmazonSSM.TerminateSession":
        this.terminated.push(asked.SessionId);
        return void tell(200, { SessionId: asked.SessionId });
      case "AmazonSSM.SendCommand":
        this.commands.push(asked.Parameters.commands.join("\n"));
        await this.onCommand(asked.Parameters.commands.join("\n"));
        return void tell(200, { Command: { CommandId: `command-${this.commands.length}` } });
      case "AmazonSSM.GetCommandInvocation":
        return void tell(200, { Status: "Success", ResponseCode: 0, StandardOutputContent: "" });
    }
    const { method, headers } = request;
    const passed = httpRequest(`${this.behind}${request.url}`, { method, headers, agent: false }, (answer) => {
      const told: Buffer[] = [];
      answer.on("data", (part: Buffer) => told.push(part));
      answer.once("end", () => {
        const { "content-length": _, "transfer-encoding": __, ...rest } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, rest).end(atLoopback(Buffer.concat(told)));
      });
    });
    passed.once("error", () => response.destroy());
    passed.end(body);
  }
}

function atLoopback(body: Buffer): Buffer {
  const address = /<privateIpAddress>[^<]+</g;
  const text = body.toString();
  return text.includes("<DescribeInstancesResponse")
    ? Buffer.from(text.replace(address, "<privateIpAddress>127.0.0.1<"))
    : body;
}
