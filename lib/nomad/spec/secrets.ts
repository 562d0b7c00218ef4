import type { Duration, Flag, Free, TextMap } from "./values";

/** What happens in the task when a value changed; `signal` needs `changeSignal`. */
export type ChangeMode = "noop" | "restart" | "signal";

/** Signs the workload in to Vault: a token for templates, and for the task itself if it wants. */
export interface Vault {
  /**
   * The role of the JWT auth method.
   * @default - the servers' default role
   */
  readonly role?: string;
  /**
   * Vault Enterprise.
   * @default - the node's own
   */
  readonly namespace?: string;
  /**
   * Which of the node's Vault clusters; more than one is Enterprise.
   * @default "default"
   */
  readonly cluster?: string;
  /**
   * `VAULT_TOKEN` in the environment.
   * @default true
   */
  readonly env?: Flag;
  /**
   * Keep the token out of `secrets/vault_token`.
   * @default false
   */
  readonly disableFile?: Flag;
  /**
   * When the token is a new one.
   * @default "restart"
   */
  readonly changeMode?: ChangeMode;
  /**
   * The signal of `changeMode: "signal"`.
   * @default - none
   */
  readonly changeSignal?: string;
  /**
   * Do not renew the token: for short tasks.
   * @default false
   */
  readonly allowTokenExpiration?: Flag;
  /**
   * @deprecated The token flow they belong to was removed in Nomad 1.10: policies come with the role.
   */
  readonly policies?: readonly string[];
}

/** Which Consul the workload belongs to. */
export interface Consul {
  /**
   * Consul Enterprise.
   * @default - `"default"`
   */
  readonly namespace?: string;
  /**
   * Which of the node's Consul clusters; more than one is Enterprise.
   * @default "default"
   */
  readonly cluster?: string;
  /**
   * Admin partition. Consul Enterprise.
   * @default - the node's own
   */
  readonly partition?: string;
}

/** A JWT of the workload, signed by Nomad, for itself or for another system. */
export interface Identity {
  /**
   * `vault_<cluster>`, `consul_<cluster>` and `default` mean something to Nomad.
   * @default "default"
   */
  readonly name?: string;
  /**
   * Who is to accept it.
   * @default - nobody by name; more than the default identity needs it
   */
  readonly aud?: readonly string[];
  /**
   * `NOMAD_TOKEN` or `NOMAD_TOKEN_<name>` in the environment.
   * @default false
   */
  readonly env?: Flag;
  /**
   * A file `nomad_token` or `nomad_<name>.jwt` in the secrets directory.
   * @default false
   */
  readonly file?: Flag;
  /**
   * Another place for the file, below the task's directory.
   * @default - the secrets directory
   */
  readonly filepath?: string;
  /**
   * The service that it is for; Nomad fills it in for services.
   * @default - none
   */
  readonly serviceName?: string;
  /**
   * How long one is valid; it is renewed in time.
   * @default - for ever
   */
  readonly ttl?: Duration;
  /**
   * What happens when it is renewed.
   * @default "noop"
   */
  readonly changeMode?: ChangeMode;
  /**
   * The signal of `changeMode: "signal"`.
   * @default - none
   */
  readonly changeSignal?: string;
  /** @deprecated Nomad 1.11 does not store it: a later one adds claims that the servers' configuration allows. */
  readonly extraClaims?: readonly string[];
}

/** A secret that the node fetches before the task starts, for `${secret.<label>.<key>}`. */
export interface Secret {
  /** `"nomad"`, `"vault"`, or the name of a plugin of the node. */
  readonly provider: string;
  /** Where it is; in Vault with its mount. */
  readonly path: string;
  /**
   * The provider's own options (`engine`, `namespace`).
   * @default - none
   */
  readonly config?: Free;
  /**
   * Environment of the plugin.
   * @default - none
   */
  readonly env?: TextMap;
}

interface TemplateBase {
  /** Path below the task's directory: `"local/app.conf"`, `"secrets/db.env"`. */
  readonly destination: string;
  /**
   * The file's lines `KEY=value` become environment variables.
   * @default false
   */
  readonly env?: Flag;
  /**
   * What happens when the rendered text changed.
   * @default "restart"
   */
  readonly changeMode?: "noop" | "restart" | "signal" | "script";
  /**
   * The signal of `changeMode: "signal"`.
   * @default - none
   */
  readonly changeSignal?: string;
  /**
   * The program of `changeMode: "script"`.
   * @default - none
   */
  readonly changeScript?: ChangeScript;
  /**
   * Most of a random wait before a change takes effect.
   * @default "5s"
   */
  readonly splay?: Duration;
  /**
   * Mode of the file, in octal digits.
   * @default "644"
   */
  readonly perms?: string;
  /**
   * Owner of the file.
   * @default - the node's user
   */
  readonly uid?: number;
  /**
   * Group of the file.
   * @default - the node's group
   */
  readonly gid?: number;
  /**
   * What opens an action.
   * @default "{{"
   */
  readonly leftDelimiter?: string;
  /**
   * What closes an action.
   * @default "}}"
   */
  readonly rightDelimiter?: string;
  /**
   * Fail on a key that a map does not have.
   * @default false
   */
  readonly errorOnMissingKey?: Flag;
  /**
   * Render once and never again.
   * @default false
   */
  readonly once?: Flag;
  /**
   * Waits until changes come to rest.
   * @default - the node's
   */
  readonly wait?: Wait;
  /** @deprecated Nomad ignores it: Vault's leases are renewed by themselves. */
  readonly vaultGrace?: Duration;
}

/** A file written on the node from Consul, Vault, Nomad and the node's own facts, in Go's template language. */
export type Template = TemplateBase &
  (
    | {
        /** The template itself. */
        readonly data: string;
        readonly source?: never;
      }
    | {
        /** A file with the template, of an artifact. */
        readonly source: string;
        readonly data?: never;
      }
  );

/** The program that a template's change runs inside the task. */
export interface ChangeScript {
  /** The program, by its path inside the task. */
  readonly command: string;
  /**
   * Arguments; no shell.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * The longest time that it may take.
   * @default "5s"
   */
  readonly timeout?: Duration;
  /**
   * Kill the task when the program fails.
   * @default false
   */
  readonly failOnError?: Flag;
  /** @deprecated Nomad 1.11 does not store it: a later one runs it at the first rendering too. */
  readonly runOnFirstRender?: Flag;
}

/** Bounds for a rest of changes. */
export interface Wait {
  /**
   * The shortest rest.
   * @default - none
   */
  readonly min?: Duration;
  /**
   * The longest wait for it.
   * @default - 4 times `min`
   */
  readonly max?: Duration;
}
