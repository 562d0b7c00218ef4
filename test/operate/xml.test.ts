import fc from "fast-check";
import { expect, test } from "vitest";
import { parseXml } from "../../lib/operate/xml";

const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

test("any text comes back, however deep it stands", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (texts) => {
      const members = texts.map((text) => `<member><Empty/><Name>${escaped(text)}</Name></member>`).join("\n  ");
      const root = parseXml(
        `<?xml version="1.0"?>\n<Response xmlns="http://example.com/"><Names>${members}</Names></Response>`,
      );
      expect(root.name).toBe("Response");
      expect(root.all("Names.member.Name").map(({ text }) => text)).toEqual(texts);
      expect(root.value("Names.member.Empty")).toBe("");
      expect(root.find("Names.other")).toBeUndefined();
    }),
  );
});

test("what is no XML is an element without children", () => {
  expect(parseXml("Internal Server Error").children).toEqual([]);
});
