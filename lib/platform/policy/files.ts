import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Problem, show } from "../../core/errors";
import { type ConsulPolicyRules, lintConsulRules, readConsulPolicy } from "./consul-rules";
import { lintNomadRules, type NomadPolicyRules, readNomadPolicy } from "./nomad-rules";
import { lintVaultRules, readVaultPolicy, type VaultLint, type VaultPathRule } from "./vault-rules";

interface Languages {
  readonly vault: readonly VaultPathRule[];
  readonly consul: ConsulPolicyRules;
  readonly nomad: NomadPolicyRules;
}

/** Whose policies they are. */
export type PolicyLanguage = keyof Languages;

/** A policy that stands in a file of its own. */
export interface PolicyFile {
  /** The file's name without `.hcl`, and the policy's. */
  readonly name: string;
  readonly file: string;
  /** The text as it stands there. It reaches the server unchanged. */
  readonly text: string;
}

/** What was found in a directory, and everything that is wrong with it. */
export interface PolicyDirectory {
  readonly policies: readonly PolicyFile[];
  readonly problems: readonly Problem[];
}

/**
 * The policies of a directory: each `*.hcl` is one, called like its file. Other files are passed over; folders in it are
 * not looked at.
 *
 * @param property Where the directory stands in the props; problems are told of `property` and the file's name.
 */
export function readPolicyDirectory(
  property: string,
  directory: string,
  language: PolicyLanguage,
  lint: VaultLint = {},
): PolicyDirectory {
  const names = hclFiles(directory);
  if (names === undefined || names.length === 0) {
    const allowed = "a directory with files *.hcl";
    const fix = `give a path from ${show(process.cwd())}, or an absolute one`;
    return { policies: [], problems: [{ property, given: directory, allowed, fix }] };
  }
  const policies = names.map((name): PolicyFile => {
    const file = join(directory, `${name}.hcl`);
    return { name, file, text: readFileSync(file, "utf8") };
  });
  const problems = policies.flatMap(({ name, text }) => lintText(`${property}/${name}.hcl`, text, language, lint));
  return { policies, problems };
}

/** What is wrong with a policy's text. */
export function lintText(property: string, text: string, language: PolicyLanguage, lint: VaultLint = {}): Problem[] {
  try {
    if (language === "vault") return lintVaultRules(property, readVaultPolicy(text), lint);
    if (language === "consul") return lintConsulRules(property, readConsulPolicy(text));
    return lintNomadRules(property, readNomadPolicy(text));
  } catch (error) {
    const fix = "correct the file; the language's own documentation has examples";
    const given = error instanceof Error ? error.message : String(error);
    return [{ property, given, allowed: `a policy of ${language[0]?.toUpperCase()}${language.slice(1)}`, fix }];
  }
}

function hclFiles(directory: string): string[] | undefined {
  try {
    const files = readdirSync(resolve(directory)).filter((name) => name.endsWith(".hcl"));
    return files.map((name) => name.slice(0, -".hcl".length)).sort();
  } catch {
    return undefined;
  }
}
