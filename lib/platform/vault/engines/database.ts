import {
  DatabaseSecretBackendConnection,
  type DatabaseSecretBackendConnectionConfig,
} from "@cdktf/provider-vault/lib/database-secret-backend-connection";
import {
  DatabaseSecretBackendRole,
  type DatabaseSecretBackendRoleConfig,
} from "@cdktf/provider-vault/lib/database-secret-backend-role";
import {
  DatabaseSecretBackendStaticRole,
  type DatabaseSecretBackendStaticRoleConfig,
} from "@cdktf/provider-vault/lib/database-secret-backend-static-role";
import { GenericEndpoint, type GenericEndpointConfig } from "@cdktf/provider-vault/lib/generic-endpoint";
import { Mount, type MountConfig } from "@cdktf/provider-vault/lib/mount";
import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { hcl } from "../../../core/hcl";
import { matching, oneOf, text } from "../../../core/rules";
import { duration, parseDuration } from "../../../core/values";
import { type Transform, transformed } from "../../../layer/transform";
import { secretVariable, variableName } from "../secret-variable";
import { checkLifetimes, checkNames, version } from "./rules";

/** A database, as Vault reaches it. */
export interface DatabaseConnection {
  readonly plugin: "postgresql" | "mysql" | "mssql" | "mongodb";
  /** With the places where Vault puts what it knows: `"postgresql://{{username}}:{{password}}@db.example.com:5432/shop"`. */
  readonly connectionUrl: string;
  /**
   * The user that Vault is there, and that makes others. Its password comes by
   * `TF_VAR_<mount>_<connection>_password`, with underscores for hyphens.
   */
  readonly username: string;
  /** Raised, so that the password is written anew. @default 1 */
  readonly passwordVersion?: number;
  /**
   * Raised, so that Vault chooses another password for its user, which nobody but Vault knows from then on.
   *
   * @default - the password stays as it was given
   */
  readonly rootRotation?: number;
  /** Whether Vault signs in before it takes the connection. @default true */
  readonly verifyConnection?: boolean;
  /** @default - Vault's own, 4 */
  readonly maxOpenConnections?: number;
}

/** Users of a database that Vault makes for whoever asks, and removes when their time is over. */
export interface DatabaseRole {
  /** Name of the connection. */
  readonly connection: string;
  /** How a user is made, with `{{name}}`, `{{password}}` and `{{expiration}}`. */
  readonly creationStatements: readonly string[];
  /** How one is removed. @default - the plugin's own */
  readonly revocationStatements?: readonly string[];
  /** @default - the plugin's own */
  readonly renewStatements?: readonly string[];
  /** @default "1h" */
  readonly defaultTtl?: string;
  /** @default "24h" */
  readonly maxTtl?: string;
}

/** A user that the database has already, whose password Vault changes. */
export interface DatabaseStaticRole {
  /** Name of the connection. */
  readonly connection: string;
  readonly username: string;
  /** @default "24h" */
  readonly rotationPeriod?: string;
  /** How the password is changed, with `{{name}}` and `{{password}}`. @default - the plugin's own */
  readonly rotationStatements?: readonly string[];
}

export interface DatabaseEngineProps {
  /** By name. */
  readonly connections: Readonly<Record<string, DatabaseConnection>>;
  /** By name. @default - none */
  readonly roles?: Readonly<Record<string, DatabaseRole>>;
  /** By name. @default - none */
  readonly staticRoles?: Readonly<Record<string, DatabaseStaticRole>>;
  /** @default - none */
  readonly transform?: {
    readonly mount?: Transform<MountConfig>;
    readonly connection?: Transform<DatabaseSecretBackendConnectionConfig>;
    readonly rootRotation?: Transform<GenericEndpointConfig>;
    readonly role?: Transform<DatabaseSecretBackendRoleConfig>;
    readonly staticRole?: Transform<DatabaseSecretBackendStaticRoleConfig>;
  };
}

/**
 * Users of databases: no application has a password that outlives it.
 *
 * @throws InvalidPropsError for wrong props
 */
export class DatabaseEngine extends Construct {
  readonly path: string;

  constructor(scope: Construct, id: string, { path, ...props }: DatabaseEngineProps & { readonly path: string }) {
    super(scope, id);
    const check = new PropsCheck("DatabaseEngine", scope, id);
    checkDatabase(check, props);
    check.done();
    const { connections, roles = {}, staticRoles = {}, transform } = props;
    const mount = new Mount(
      this,
      "Default",
      transformed(transform?.mount, { path, type: "database", description: "Users of databases" }),
    );
    this.path = mount.path;
    const before: Record<string, Construct[]> = {};
    for (const [name, connection] of Object.entries(connections)) {
      const allowed = [...Object.entries(roles), ...Object.entries(staticRoles)].filter(
        ([, one]) => one.connection === name,
      );
      before[name] = this.connection(
        path,
        name,
        connection,
        allowed.map(([role]) => role),
        transform,
      );
    }
    for (const [name, role] of Object.entries(roles)) {
      const made = new DatabaseSecretBackendRole(
        this,
        `role-${name}`,
        transformed(transform?.role, {
          backend: this.path,
          name,
          dbName: role.connection,
          creationStatements: texts(role.creationStatements),
          ...(role.revocationStatements && { revocationStatements: texts(role.revocationStatements) }),
          ...(role.renewStatements && { renewStatements: texts(role.renewStatements) }),
          defaultTtl: parseDuration(role.defaultTtl ?? "1h", "s"),
          maxTtl: parseDuration(role.maxTtl ?? "24h", "s"),
        }),
      );
      made.node.addDependency(...(before[role.connection] ?? []));
    }
    for (const [name, role] of Object.entries(staticRoles)) {
      const made = new DatabaseSecretBackendStaticRole(
        this,
        `static-role-${name}`,
        transformed(transform?.staticRole, {
          backend: this.path,
          name,
          dbName: role.connection,
          username: role.username,
          rotationPeriod: parseDuration(role.rotationPeriod ?? "24h", "s"),
          ...(role.rotationStatements && { rotationStatements: texts(role.rotationStatements) }),
        }),
      );
      made.node.addDependency(...(before[role.connection] ?? []));
    }
  }

  private connection(
    path: string,
    name: string,
    connection: DatabaseConnection,
    allowedRoles: string[],
    transform: DatabaseEngineProps["transform"],
  ): Construct[] {
    const { plugin, connectionUrl, username, passwordVersion = 1, rootRotation, maxOpenConnections } = connection;
    const variable = variableName(path, name, "password");
    const access = {
      connectionUrl: hcl.text(connectionUrl),
      username,
      passwordWo: secretVariable(
        this,
        variable,
        `Password of ${username} in ${name}; needed when its version is raised`,
      ),
      passwordWoVersion: passwordVersion,
      ...(maxOpenConnections === undefined ? {} : { maxOpenConnections }),
    };
    const made = new DatabaseSecretBackendConnection(
      this,
      `connection-${name}`,
      transformed(transform?.connection, {
        backend: this.path,
        name,
        allowedRoles,
        verifyConnection: connection.verifyConnection ?? true,
        [plugin]: access,
      }),
    );
    if (rootRotation === undefined) return [made];
    // Written once each time that the number is another.
    const rotation = new GenericEndpoint(
      this,
      `rotate-root-${name}-${rootRotation}`,
      transformed(transform?.rootRotation, {
        path: `${this.path}/rotate-root/${name}`,
        dataJson: "{}",
        disableRead: true,
        disableDelete: true,
      }),
    );
    rotation.node.addDependency(made);
    return [made, rotation];
  }
}

function texts(values: readonly string[]): string[] {
  return values.map((value) => hcl.text(value));
}

const plugins = ["postgresql", "mysql", "mssql", "mongodb"] as const;

export function checkDatabase(
  check: PropsCheck,
  { connections, roles = {}, staticRoles = {} }: DatabaseEngineProps,
): void {
  for (const [property, given] of [
    ["connections", connections],
    ["roles", roles],
    ["staticRoles", staticRoles],
  ] as const) {
    checkNames(check, property, given);
  }
  for (const [name, connection] of Object.entries(connections)) {
    const at = `connections["${name}"]`;
    check.required(`${at}.plugin`, connection.plugin, oneOf(plugins));
    check.required(`${at}.username`, connection.username, text);
    check.optional(`${at}.passwordVersion`, connection.passwordVersion, version);
    check.optional(`${at}.rootRotation`, connection.rootRotation, version);
    const url = connection.connectionUrl;
    const places = matching(
      /.*\{\{username\}\}.*\{\{password\}\}.*/,
      "an address with {{username}} and {{password}}, and no secret",
      'write "postgresql://{{username}}:{{password}}@db.example.com:5432/shop"',
    );
    if (!check.required(`${at}.connectionUrl`, url, places)) continue;
    if (
      /sslmode=(disable|allow|prefer)|[?&;]encrypt=disable|tls=false/i.test(url) &&
      !/@(tcp\()?(127\.|localhost)/.test(url)
    ) {
      const allowed = "a connection with TLS, but on loopback";
      check.add({ property: `${at}.connectionUrl`, given: url, allowed, fix: "use sslmode=verify-full, or its like" });
    }
  }
  const known = Object.keys(connections).map((name) => `"${name}"`);
  for (const [kind, all] of [
    ["roles", roles],
    ["staticRoles", staticRoles],
  ] as const) {
    for (const [name, { connection }] of Object.entries(all)) {
      if (connection in connections) continue;
      const allowed = `a connection that stands there: ${known.join(", ")}`;
      check.add({ property: `${kind}["${name}"].connection`, given: connection, allowed, fix: "name one of them" });
    }
  }
  for (const [name, role] of Object.entries(roles)) {
    const at = `roles["${name}"]`;
    check.each(`${at}.creationStatements`, role.creationStatements, text);
    checkLifetimes(check, `${at}.`, role.defaultTtl ?? "1h", role.maxTtl ?? "24h", ["defaultTtl", "maxTtl"]);
    if (!(name in staticRoles)) continue;
    check.add({
      property: `staticRoles["${name}"]`,
      given: name,
      allowed: "each role once",
      fix: "rename one of them",
    });
  }
  for (const [name, role] of Object.entries(staticRoles)) {
    check.required(`staticRoles["${name}"].username`, role.username, text);
    check.optional(`staticRoles["${name}"].rotationPeriod`, role.rotationPeriod, duration({ min: "5m", unit: "s" }));
  }
}
