/** An element of an answer of AWS's query APIs or of Azure's blobs, which know no attributes that matter. */
export class XmlElement {
  readonly children: XmlElement[] = [];
  text = "";

  constructor(readonly name: string) {}

  /** The text below a path of names: `"LaunchTemplate.Version"`. */
  value(path: string): string | undefined {
    return this.find(path)?.text;
  }

  find(path: string): XmlElement | undefined {
    return this.all(path)[0];
  }

  /** All elements at a path: `"Instances.member"`. */
  all(path: string): XmlElement[] {
    return path
      .split(".")
      .reduce<XmlElement[]>(
        (found, name) => found.flatMap(({ children }) => children.filter((child) => child.name === name)),
        [this],
      );
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (all, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? all;
  });
}

/** The root element of an answer; one without children if the text is no XML. */
export function parseXml(text: string): XmlElement {
  const document = new XmlElement("");
  const open = [document];
  for (const [, declaration, closing, name = "", selfClosing, characters] of text.matchAll(
    /<(?:([?!][^>]*)|(\/)?([\w:.-]+)[^>]*?(\/)?)>|([^<]+)/g,
  )) {
    const inner = open.at(-1) ?? document;
    if (declaration !== undefined) continue;
    if (characters !== undefined) inner.text += decoded(characters);
    else if (closing !== undefined) open.pop();
    else {
      const element = new XmlElement(name);
      inner.children.push(element);
      if (selfClosing === undefined) open.push(element);
    }
  }
  return document.children[0] ?? document;
}
