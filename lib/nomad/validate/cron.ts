const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS = ["january", "february", "march", "april", "may", "june", "july"].concat([
  "august",
  "september",
  "october",
  "november",
  "december",
]);
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const LONG_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
  /** Forms of this field alone. */
  readonly special?: RegExp;
}

const SECONDS: Field = { name: "second", min: 0, max: 59 };
const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31, special: /^(l|lw|(0?[1-9]|[12]\d|3[01])w)$/ },
  { name: "month", min: 1, max: 12, words: [...MONTHS, ...LONG_MONTHS] },
  {
    name: "day of the week",
    min: 0,
    max: 7,
    words: [...DAYS, ...LONG_DAYS],
    special: /^([0-7]|[a-z]{3,9})(l|#[1-5])$/,
  },
  { name: "year", min: 1970, max: 2099 },
];

const MACROS = ["@annually", "@yearly", "@monthly", "@weekly", "@daily", "@hourly"];

/**
 * What is wrong with a cron expression as Nomad reads it (the `cronexpr` library): five fields, a sixth for the year, a
 * seventh in front for the second. Undefined where nothing is.
 */
export function cronMistake(expression: string): string | undefined {
  if (MACROS.includes(expression)) return undefined;
  if (expression.startsWith("@")) return `there is no ${expression}; there are ${MACROS.join(", ")}`;
  const given = expression.trim().split(/\s+/);
  if (given.length < 5) return `it has ${given[0] === "" ? 0 : given.length} of at least 5 fields`;
  if (given.length > 7) return `it has ${given.length} of at most 7 fields`;
  const fields = given.length === 7 ? [SECONDS, ...FIELDS] : FIELDS;
  for (const [index, text] of given.entries()) {
    const field = fields[index];
    const wrong = field && text.split(",").find((part) => !isPart(part.toLowerCase(), field));
    if (field !== undefined && wrong !== undefined) {
      return `${JSON.stringify(wrong)} is no ${field.name} (${field.min} to ${field.max})`;
    }
  }
  return undefined;
}

function isPart(part: string, field: Field): boolean {
  if (field.special?.test(part)) return true;
  const [, range = "", , step] = /^(.+?)(\/(\d+))?$/.exec(part) ?? [];
  if (step !== undefined && (Number(step) < 1 || Number(step) > field.max)) return false;
  if (range === "*" || range === "?") return true;
  const ends = range.split("-");
  return ends.length <= 2 && ends.every((end) => isValue(end, field));
}

function isValue(value: string, field: Field): boolean {
  if (field.words?.includes(value)) return true;
  const digits = String(field.max).length;
  return /^\d+$/.test(value) && value.length <= digits && Number(value) >= field.min && Number(value) <= field.max;
}

/** Whether a time zone is one of the tz database; `Local` is the server's own. */
export function isTimeZone(name: string): boolean {
  if (name === "Local") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
