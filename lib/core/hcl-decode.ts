/**
 * The inverse of `hcl.json`: the value that the text of an attribute in synthesized Terraform JSON stands for, so that
 * rules and tests can look into policies and other documents.
 *
 * Reads plain JSON text and one call of `jsonencode`, as `hcl.json` and cdktf's `Fn.jsonencode` write it. What Terraform
 * knows only later stays in its place as the text `"${expression}"`. A literal `${` looks the same in the result: take
 * every text with `${` for unknown. A document in a document is read by decoding its text again.
 *
 * @returns `undefined` where the text is no document. Never throws; takes time in proportion to the length of the text.
 */
export function decodeHcl(text: string): unknown {
  try {
    const call = JSONENCODE.exec(text);
    return call === null ? jsonText(new Reader(text).parts(false)) : argument(new Reader(text, call[0].length));
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** The literal texts and the `${...}` of a template in JSON notation; `undefined` where it is none. */
export function templateParts(template: string): Part[] | undefined {
  try {
    return new Reader(template).parts(false);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

export type Part = { readonly literal: string } | { readonly opaque: string };

class Unreadable extends Error {}

/** Deeper documents than this are no one's; the bound keeps the reader's recursion off the end of the stack. */
const MAX_DEPTH = 500;

const JSONENCODE = /^\$\{\s*jsonencode\(/;

function argument(reader: Reader): unknown {
  const value = reader.value(")");
  reader.expect(")");
  reader.space();
  reader.expect("}");
  // What follows makes it a text with a document inside, not a document.
  return reader.atEnd ? value : undefined;
}

/** JSON in which an expression stands for a whole value, or for a part of a text. */
function jsonText(parts: readonly Part[]): unknown {
  let inText = false;
  const json = parts.map((part) => {
    if ("literal" in part) {
      for (const [mark] of part.literal.matchAll(/\\.|"/gs)) if (mark === '"') inText = !inText;
      return part.literal;
    }
    const quoted = JSON.stringify(part.opaque);
    return inText ? quoted.slice(1, -1) : quoted;
  });
  // A text that is one expression and nothing else says nothing of its value.
  if (!parts.some((part) => "literal" in part)) return undefined;
  try {
    return JSON.parse(json.join(""));
  } catch {
    return undefined;
  }
}

const CLOSING: Record<string, string> = { "(": ")", "[": "]", "{": "}" };
const SIMPLE_ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };
const KEYWORDS = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

class Reader {
  private depth = 0;

  constructor(
    private readonly source: string,
    private position = 0,
  ) {}

  get atEnd(): boolean {
    return this.position >= this.source.length;
  }

  private get here(): string {
    return this.source.charAt(this.position);
  }

  expect(character: string): void {
    if (!this.take(character)) throw new Unreadable();
  }

  private take(character: string): boolean {
    if (this.here !== character) return false;
    this.position++;
    return true;
  }

  space(newlines = true): void {
    this.match(newlines ? /\s*/y : /[^\S\n]*/y);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  /** Reads an expression that ends before one of the characters of `stop`. */
  value(stop: string): unknown {
    this.space();
    const start = this.position;
    if (++this.depth > MAX_DEPTH) throw new Unreadable();
    const value = this.primary();
    this.depth--;
    this.space(!stop.includes("\n"));
    if (value !== OPAQUE && stop.includes(this.here) && !this.atEnd) return value;
    this.skip(stop);
    return `\${${this.source.slice(start, this.position).trim()}}`;
  }

  private primary(): unknown {
    switch (this.here) {
      case '"':
        this.position++;
        return textOf(this.parts(true));
      case "[":
        this.position++;
        return this.list();
      case "{":
        this.position++;
        return this.object();
    }
    const number = this.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.-])/y);
    if (number !== undefined) return Number(number);
    const word = this.match(/(?:true|false|null)(?![\w.(-])/y);
    return word === undefined ? OPAQUE : KEYWORDS.get(word);
  }

  private list(): unknown {
    if (this.isComprehension("]")) return OPAQUE;
    const elements: unknown[] = [];
    for (this.space(); !this.take("]"); this.space()) {
      elements.push(this.value(",]"));
      if (this.here !== "]") this.expect(",");
    }
    return elements;
  }

  private object(): unknown {
    if (this.isComprehension("}")) return OPAQUE;
    const entries: [string, unknown][] = [];
    for (this.space(); !this.take("}"); this.space()) {
      const key = this.key();
      this.space();
      if (!this.take("=")) this.expect(":");
      entries.push([key, this.value(",\n}")]);
      if (this.here !== "}") this.position++;
    }
    return Object.fromEntries(entries);
  }

  private key(): string {
    const name = this.match(/[\p{ID_Start}_][\p{ID_Continue}-]*(?=\s*[=:])/uy);
    if (name !== undefined) return name;
    if (!this.take("(")) return String(this.value("=:"));
    const key = this.value(")");
    this.expect(")");
    return String(key);
  }

  /** `[for ...]` and `{for ...}` make a value by rule: passed over as a whole. */
  private isComprehension(closing: string): boolean {
    this.space();
    if (this.match(/for(?![\w=:-])(?!\s*[=:])/y) === undefined) return false;
    this.skip(closing);
    this.expect(closing);
    return true;
  }

  /**
   * The parts of a template: of a quoted text up to its closing quote, with backslash escapes, or of a whole attribute.
   */
  parts(quoted: boolean): Part[] {
    const parts: Part[] = [];
    let literal = "";
    const plain = quoted ? /[^"\\$%]+/y : /[^$%]+/y;
    while (!(quoted && this.take('"'))) {
      if (this.atEnd) {
        if (quoted) throw new Unreadable();
        break;
      }
      const run = this.match(plain);
      if (run !== undefined) {
        literal += run;
      } else if (this.here === "\\") {
        literal += this.escape();
      } else if (this.match(/\$\$\{|%%\{/y) !== undefined) {
        literal += this.source.slice(this.position - 2, this.position);
      } else if (this.match(/[$%]\{/y) === undefined) {
        literal += this.here;
        this.position++;
      } else {
        const part = this.interpolation();
        if ("literal" in part) {
          literal += part.literal;
        } else {
          if (literal !== "") parts.push({ literal });
          literal = "";
          parts.push(part);
        }
      }
    }
    if (literal !== "" || parts.length === 0) parts.push({ literal });
    return parts;
  }

  /** Stands after `${` or `%{`. A quoted text without an expression, `${"$$"}`, is literal text. */
  private interpolation(): Part {
    const start = this.position - 2;
    const constant = this.match(/"[$%]+"\}/y);
    if (constant !== undefined) return { literal: constant.slice(1, -2) };
    this.skip("}");
    this.expect("}");
    return { opaque: this.source.slice(start, this.position) };
  }

  private escape(): string {
    this.position++;
    const code = this.match(/u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y);
    if (code !== undefined) {
      const point = Number.parseInt(code.slice(1), 16);
      if (point > 0x10ffff) throw new Unreadable();
      return String.fromCodePoint(point);
    }
    const character = SIMPLE_ESCAPES[this.here];
    if (character === undefined) throw new Unreadable();
    this.position++;
    return character;
  }

  /** Passes over an expression, up to the first of the characters of `stop` that is outside brackets and quotes. */
  private skip(stop: string): void {
    const open: string[] = [];
    for (; !this.atEnd; this.position++) {
      const character = this.here;
      if (open.at(-1) === '"') {
        if (character === '"') open.pop();
        else if (character === "\\") this.position++;
        else if (this.match(/\$\$\{|%%\{/y) !== undefined) this.position--;
        else if (this.match(/[$%]\{/y) !== undefined) {
          this.position--;
          open.push("}");
        }
        continue;
      }
      if (open.length === 0 && stop.includes(character)) return;
      const closing = character === '"' ? '"' : CLOSING[character];
      if (closing !== undefined) open.push(closing);
      else if (")]}".includes(character) && open.pop() !== character) throw new Unreadable();
    }
    throw new Unreadable();
  }
}

const OPAQUE = Symbol("opaque");

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => ("literal" in part ? part.literal : part.opaque)).join("");
}
