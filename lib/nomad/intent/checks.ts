import type { GrpcCheck, HttpCheck, ScriptCheck, TcpCheck } from "../spec";

type Rest<T> = Partial<Omit<T, "type">>;

const TIMES = { interval: "10s", timeout: "2s" } as const;

/** A check by HTTP, every 10 seconds, with 2 seconds to answer. */
export function httpCheck(path: string, rest: Rest<HttpCheck> = {}): HttpCheck {
  return { type: "http", ...TIMES, path, ...rest };
}

/** A check that a port takes connections, every 10 seconds. */
export function tcpCheck(rest: Rest<TcpCheck> = {}): TcpCheck {
  return { type: "tcp", ...TIMES, ...rest };
}

/** A check by the gRPC health protocol, every 10 seconds. Services in Consul only. */
export function grpcCheck(rest: Rest<GrpcCheck> = {}): GrpcCheck {
  return { type: "grpc", ...TIMES, ...rest };
}

/** A check by a program inside a task, every 10 seconds. Services in Consul only. */
export function scriptCheck(command: string, args: readonly string[] = [], rest: Rest<ScriptCheck> = {}): ScriptCheck {
  return { type: "script", ...TIMES, command, args, ...rest };
}
