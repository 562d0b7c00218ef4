import { CaravanError } from "./errors";
import type { HclBlock, HclBody, HclValue } from "./hcl-body";

/**
 * Reads the text of a policy of Vault, Consul or Nomad: blocks with at most one label, attributes, quoted texts, numbers,
 * booleans, lists and objects, comments of all three kinds. That is all that these languages use of HCL.
 *
 * @throws CaravanError that names the line where the text is something else.
 */
export function readHcl(text: string): HclBody {
  const reader = new HclReader(text);
  const body = reader.body(false);
  reader.end();
  return body;
}

const SPACE = /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const IDENTIFIER = /[A-Za-z_][\w.-]*/y;
const QUOTED = /"(?:[^"\\\n]|\\.)*"/y;
const NUMBER = /-?\d+(?:\.\d+)?/y;

class HclReader {
  private position = 0;

  constructor(private readonly text: string) {}

  body(inBlock: boolean): HclBody {
    const attributes: HclBody["attributes"][number][] = [];
    const blocks: HclBlock[] = [];
    for (;;) {
      this.match(SPACE);
      if (this.position >= this.text.length || (inBlock && this.text[this.position] === "}")) {
        return { attributes, blocks };
      }
      const line = this.line;
      const name = this.key() ?? this.fail("the name of an attribute or block");
      this.match(SPACE);
      if (this.take("=")) {
        attributes.push({ name, value: this.value(), line });
        this.match(SPACE);
        this.take(",");
      } else {
        blocks.push({ ...this.block(name), line });
      }
    }
  }

  end(): void {
    if (this.position < this.text.length) this.fail("the end of the text");
  }

  private block(type: string): HclBlock {
    const label = this.key();
    this.expect("{");
    const body = this.body(true);
    this.expect("}");
    return { type, ...(label === undefined ? {} : { label }), body };
  }

  private value(): HclValue {
    this.match(SPACE);
    const quoted = this.match(QUOTED);
    if (quoted !== undefined) return this.unquoted(quoted);
    const number = this.match(NUMBER);
    if (number !== undefined) return Number(number);
    if (this.take("[")) return this.list();
    if (this.take("{")) return this.object();
    const word = this.match(IDENTIFIER);
    if (word === "true" || word === "false") return word === "true";
    return this.fail('a value: "text", a number, true, false, [...] or {...}');
  }

  private list(): HclValue[] {
    const elements: HclValue[] = [];
    for (this.match(SPACE); !this.take("]"); this.match(SPACE)) {
      elements.push(this.value());
      this.match(SPACE);
      if (this.text[this.position] !== "]") this.expect(",");
    }
    return elements;
  }

  private object(): { [name: string]: HclValue } {
    const entries: [string, HclValue][] = [];
    for (this.match(SPACE); !this.take("}"); this.match(SPACE)) {
      const key = this.key() ?? this.fail("a key");
      this.match(SPACE);
      if (!this.take("=")) this.expect(":");
      entries.push([key, this.value()]);
      this.match(SPACE);
      this.take(",");
    }
    return Object.fromEntries(entries);
  }

  private key(): string | undefined {
    const quoted = this.match(QUOTED);
    return quoted === undefined ? this.match(IDENTIFIER) : this.unquoted(quoted);
  }

  private unquoted(quoted: string): string {
    try {
      return JSON.parse(quoted);
    } catch {
      return this.fail("a text with the escapes of JSON");
    }
  }

  private expect(character: string): void {
    this.match(SPACE);
    if (!this.take(character)) this.fail(`"${character}"`);
  }

  private take(character: string): boolean {
    if (this.text[this.position] !== character) return false;
    this.position += 1;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  private get line(): number {
    return this.text.slice(0, this.position).split("\n").length;
  }

  private fail(expected: string): never {
    const rest = this.text.slice(this.position).split("\n")[0] ?? "";
    const found = rest === "" ? "nothing" : JSON.stringify(rest.slice(0, 40));
    throw new CaravanError(`line ${this.line}: ${found} where ${expected} should be`);
  }
}
