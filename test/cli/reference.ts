import type { Command } from "commander";
import { answers } from "../../lib/cli/answers";
import { caravan } from "../../lib/cli/caravan";
import { pathOf } from "../../lib/cli/command";

const nowhere = { write: () => {} };

/** Every command that does something. */
export function allCommands(): Command[] {
  const program = caravan({ out: nowhere, err: nowhere });
  return program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
}

const COMMON = [
  "--environment",
  "--json",
  "--verbose",
  "--app",
  "--output",
  "--program",
  "--timeout",
  "--lock-timeout",
];

/** The reference of commands in Markdown, from their definitions. */
export function reference(): string {
  const commands = allCommands();
  const [first] = commands;
  const common = (first?.options ?? []).filter(({ long }) => COMMON.includes(long ?? ""));
  return ["Every command takes:", "", ...table(common), "", ...commands.flatMap(section)].join("\n");
}

function section(command: Command): string[] {
  const own = command.options.filter(({ long }) => !COMMON.includes(long ?? ""));
  const args = command.registeredArguments.map((argument) => {
    const { required, variadic } = argument;
    const text = variadic ? `${argument.name()}...` : argument.name();
    return required ? `<${text}>` : `[${text}]`;
  });
  return [
    `### caravan ${[pathOf(command), ...args].join(" ")}`,
    "",
    `${sentence(command.description())}`,
    "",
    ...(own.length === 0 ? [] : [...table(own), ""]),
    `With \`--json\`: ${(answers[pathOf(command)] ?? "").replace(/\{[^;]*\}/g, "`$&`")}`,
    "",
  ];
}

function table(options: Command["options"]): string[] {
  const rows = options.map(({ flags, description, defaultValue }) => {
    const value = Array.isArray(defaultValue) ? defaultValue.join(" ") : defaultValue;
    return `| \`${flags}\` | ${description}${value === undefined ? "" : `; by default \`${value}\``} |`;
  });
  return ["| option | |", "| --- | --- |", ...rows];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
