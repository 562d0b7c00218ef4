import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const project = resolve(__dirname, "../..");

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "stacks/README.md",
  ...readdirSync(join(project, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

interface Snippet {
  readonly page: string;
  /** Line of the page on which the snippet's code begins, from 1. */
  readonly line: number;
  readonly code: string;
}

function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(project, page), "utf8");
  return [...text.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length + 1,
    code: match[1] ?? "",
  }));
}

/** Compiles every snippet as a module of its own, as a user's file beside the package. */
function problemsOf(snippets: readonly Snippet[]): string[] {
  const files = new Map(snippets.map((snippet, index) => [join(project, `snippet-${index}.ts`), snippet]));
  const { config } = ts.readConfigFile(join(project, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: undefined }, ts.sys, project);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => sourceOf(name) ?? readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const source = sourceOf(name);
    return source === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, source, ts.ScriptTarget.ES2022);
  };
  const sourceOf = (name: string) => {
    const snippet = files.get(name);
    return snippet === undefined ? undefined : `${snippet.code}\nexport {};\n`;
  };
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const snippet = files.get(diagnostic.file?.fileName ?? "");
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
    return `${snippet?.page ?? diagnostic.file?.fileName}:${(snippet?.line ?? 1) + line}: ${message}`;
  });
}

test("every TypeScript snippet of the README and the docs compiles", () => {
  const snippets = pages.flatMap(snippetsOf);
  expect(problemsOf(snippets)).toEqual([]);
}, 120_000);

test("a snippet that does not compile is found, at its line of its page", () => {
  const code = 'import { LayerStack } from "cdktf-caravan";\nnew LayerStack(1);\n';
  expect(problemsOf([{ page: "PAGE.md", line: 10, code }])).toEqual([
    expect.stringMatching(/^PAGE\.md:11: Expected 3 arguments, but got 1/),
  ]);
});
