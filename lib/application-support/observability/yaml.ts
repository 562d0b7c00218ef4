import { stringify } from "yaml";

/** A configuration as YAML: no line is broken, so that queries and regular expressions stay readable. */
export function toYaml(document: object): string {
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
