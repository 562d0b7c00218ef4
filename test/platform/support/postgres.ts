import { chownSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findTool } from "../../support/programs";
import { freePort, run, type Scope } from "../../support/temporary";

const HOME = "/usr/lib/postgresql";

/** Where Debian's package keeps the server's programs, in the newest version that is there. */
export function findPostgres(): string | undefined {
  const versions = existsSync(HOME) ? readdirSync(HOME).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(HOME, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

/** What a suite with a database needs: the server, which runs as its own user, and its client. */
export const postgresNeeds = {
  root: process.getuid?.() === 0 ? true : undefined,
  postgres: findPostgres(),
  psql: findTool("psql"),
  setpriv: findTool("setpriv"),
};

/** A PostgreSQL on loopback with one database, `shop`. */
export interface Postgres {
  readonly port: number;
  /** Whether somebody gets in, and what a statement answers. */
  as(user: string, password: string, statement?: string): Promise<{ readonly in: boolean; readonly said: string }>;
}

export async function startPostgres(
  scope: Scope,
  bin: string,
  superuser: { name: string; password: string },
): Promise<Postgres> {
  const home = scope.directory("postgres");
  const { stdout: ids } = await run("id", ["-u", "postgres"]);
  const { stdout: groups } = await run("id", ["-g", "postgres"]);
  chownSync(home, Number(ids), Number(groups));
  const own = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
  const env = { PATH: process.env["PATH"], HOME: home };
  const as = async (program: string, ...args: string[]) => {
    const { code, stdout, stderr } = await run("setpriv", [...own, join(bin, program), ...args], { cwd: home, env });
    if (code !== 0) throw new Error(`${program}: ${stdout}${stderr}`);
  };
  const data = join(home, "data");
  await as("initdb", "-D", data, "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync");
  const port = await freePort();
  const options = ["-D", data, "-p", String(port), "-k", home, "-h", "127.0.0.1", "-c", "fsync=off"];
  const server = scope.process("setpriv", [...own, join(bin, "postgres"), ...options], { cwd: home, env });
  const ask = (user: string, database: string, statement: string, where: object) =>
    run("psql", ["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database, "-c", statement], {
      env: { ...env, PGPORT: String(port), ...where },
    });
  const local = { PGHOST: home };
  await server.until(async () => (await ask("postgres", "postgres", "select 1", local)).code === 0, "postgres");
  const { name, password } = superuser;
  for (const statement of [`create role ${name} superuser login password '${password}'`, "create database shop"]) {
    const { code, stderr } = await ask("postgres", "postgres", statement, local);
    if (code !== 0) throw new Error(stderr);
  }
  return {
    port,
    async as(user, secret, statement = "select current_user") {
      const { code, stdout, stderr } = await ask(user, "shop", statement, { PGHOST: "127.0.0.1", PGPASSWORD: secret });
      return { in: code === 0, said: (stdout + stderr).trim() };
    },
  };
}
