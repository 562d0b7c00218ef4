import type { TaskPart } from "./extend";

/** Where a secret is in Vault's key-value store. */
export interface VaultSecret {
  /** Path below the mount: `"default/web/database"`. */
  readonly path: string;
  /**
   * Mount of the store.
   * @default "secret"
   */
  readonly mount?: string;
  /**
   * Version of the store's engine.
   * @default 2
   */
  readonly version?: 1 | 2;
  /**
   * Role that the task signs in with.
   * @default - the servers' default role
   */
  readonly role?: string;
}

/**
 * Values of a Vault secret as environment variables: `vaultEnv({ path: "web/db" }, { DB_PASSWORD: "password" })`. The
 * task restarts when the secret changes.
 */
export function vaultEnv(secret: VaultSecret, variables: Readonly<Record<string, string>>): TaskPart {
  const values = valuesOf(secret);
  const lines = Object.entries(variables).map(
    ([name, key]) => `${name}={{ index ${values} ${goText(key)} | toJSON }}\n`,
  );
  return {
    vault: signIn(secret),
    template: {
      destination: `secrets/${fileName(secret.path)}.env`,
      env: true,
      data: `{{ with secret ${goText(addressOf(secret))} }}\n${lines.join("")}{{ end }}\n`,
    },
  };
}

/** One value of a Vault secret as a file that only the task's user reads. */
export function vaultFile(
  secret: VaultSecret,
  file: { readonly key: string; readonly destination: string; readonly perms?: string },
): TaskPart {
  const { key, destination, perms = "600" } = file;
  const value = `index ${valuesOf(secret)} ${goText(key)}`;
  return {
    vault: signIn(secret),
    template: {
      destination,
      perms,
      data: `{{ with secret ${goText(addressOf(secret))} }}{{ ${value} }}{{ end }}`,
    },
  };
}

/**
 * Items of a Nomad variable as environment variables. A task may read `nomad/jobs`, `nomad/jobs/<job>` and what lies
 * below by group and task without further rights.
 */
export function variableEnv(path: string, variables: Readonly<Record<string, string>>): TaskPart {
  const lines = Object.entries(variables).map(
    ([name, key]) => `${name}={{ (index . ${goText(key)}).Value | toJSON }}\n`,
  );
  return {
    template: {
      destination: `secrets/${fileName(path)}.env`,
      env: true,
      data: `{{ with nomadVar ${goText(path)} }}\n${lines.join("")}{{ end }}\n`,
    },
  };
}

const signIn = ({ role }: VaultSecret) => (role === undefined ? {} : { role });

function addressOf({ mount = "secret", path, version = 2 }: VaultSecret): string {
  return version === 2 ? `${mount}/data/${path}` : `${mount}/${path}`;
}

const valuesOf = ({ version = 2 }: VaultSecret) => (version === 2 ? ".Data.data" : ".Data");

/** A text of Go's template language; its escapes are JSON's. */
const goText = (text: string) => JSON.stringify(text);

const fileName = (path: string) => path.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
