/** One machine of a group of servers. */
export interface Machine {
  /** The cloud's id of it. */
  readonly id: string;
  /** Its address in the network, by which its products know it; none before it has one. */
  readonly address?: string;
  /** `leaving` once the cloud means to end it. What is gone is no machine. */
  readonly state: "starting" | "running" | "leaving";
  /** Whether it was started from the group's present recipe. */
  readonly current: boolean;
  readonly zone: string;
  /** When it was started, in milliseconds since 1970. */
  readonly launched: number;
}

/** A group of servers as the cloud knows it. */
export interface MachineGroup {
  /** How many servers the infrastructure wants. */
  readonly wanted: number;
  /** How many the cloud keeps at present: one more while servers are replaced. */
  readonly size: number;
  /** Whether its bounds are as the infrastructure made them. */
  readonly settled: boolean;
  readonly machines: readonly Machine[];
}

/** Secrets of a cluster that are read from outside. */
export type ReadableSecret = "public-ca" | "bootstrap";

/** What a script said that ran on a machine. */
export interface MachineOutput {
  readonly exitCode: number;
  /** Standard output and error, as far as the cloud keeps them. */
  readonly output: string;
}

/** Where a port of this machine leads, by way of a machine of the environment. */
export interface Forward {
  /** Name of the host, as that machine resolves it. */
  readonly host: string;
  readonly port: number;
  /** The port on this machine's loopback. */
  readonly localPort: number;
}

/** A session of the cloud that carries one port, and the vendor's program that is its near end. */
export interface Forwarding {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables of the program beside this process's own; what is nothing is taken away. They hold secrets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stands in a line that the program prints once the port is open. */
  readonly openedText: string;
  /** Ends the session on the cloud's side; one that has ended is fine. */
  end(signal: AbortSignal): Promise<void>;
}

/** What operations need of a cloud. Each cloud has an implementation in its own folder. */
export interface Cloud {
  /** Who acts, in the cloud's own words: an ARN on AWS, a name with its object id on Azure, an e-mail address on Google Cloud. */
  identity(signal: AbortSignal): Promise<string>;

  /** As which of Vault's CI roles this identity signs in; none for anybody else. */
  ciRole(signal: AbortSignal): Promise<"deployer" | "planner" | undefined>;

  /**
   * What Vault's auth method of this cloud wants to see of who acts.
   *
   * @param serverId The name of the Vault that it is meant for; another must not take it, where the cloud can say so.
   * @param role The role of Vault's that is signed in as.
   */
  proof(serverId: string, role: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;

  /** A secret's value, or nothing where it has none yet. @throws OperateError of kind `denied` */
  readSecret(secret: ReadableSecret, signal: AbortSignal): Promise<string | undefined>;

  /** Keys of the cluster's bucket that begin alike, in order. */
  listObjects(prefix: string, signal: AbortSignal): Promise<readonly string[]>;

  /** An object of the cluster's bucket, or nothing. @throws OperateError of kind `denied` */
  readObject(key: string, signal: AbortSignal): Promise<Buffer | undefined>;

  /** A server group of the contract. */
  group(name: string, signal: AbortSignal): Promise<MachineGroup>;

  /** The machines of all worker groups. */
  workers(signal: AbortSignal): Promise<readonly Machine[]>;

  /** Lets a group have one server more than it wants, from the present recipe. A second call changes nothing. */
  grow(name: string, signal: AbortSignal): Promise<void>;

  /** Ends a machine for good, after it has left its cluster. It has no successor unless the group is below its size. */
  retire(name: string, id: string, signal: AbortSignal): Promise<void>;

  /** Gives a group the bounds back that the infrastructure made. */
  settle(name: string, signal: AbortSignal): Promise<void>;

  /**
   * Runs a shell script as root on a machine, to its end. The cloud keeps the script on record: no secret may be in it.
   *
   * @throws OperateError if the machine cannot be told, or does not end in time
   */
  run(
    id: string,
    script: string,
    options: { readonly timeout: string; readonly signal: AbortSignal },
  ): Promise<MachineOutput>;

  /**
   * Begins to carry a port by way of a machine.
   *
   * @throws OperateError of kind `unreachable` where the cloud does not reach that machine, another may do; `denied`; `failed` where
   * the vendor's program is missing or too old
   */
  forward(id: string, to: Forward, signal: AbortSignal): Promise<Forwarding>;
}
