import type { Api } from "./api";
import type { ApiObject, Known } from "./api-object";

export interface PathObject extends Pick<ApiObject, "identity" | "defaults" | "replaceOn"> {
  path(values: Known): string;
  /** @default "POST" */
  readonly method?: "PUT" | "POST";
  /** @default - the path */
  id?(values: Known): string;
  /** Attributes that the API calls the same. */
  readonly fields: readonly string[];
  /** Attributes that it calls otherwise. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Attributes that are texts to Terraform and numbers to the API. */
  readonly texts?: readonly string[];
  /** A setting that no call removes: the real provider leaves it as it is, too. */
  readonly stays?: true;
}

/** An object that is written, read and deleted at one path. */
export function pathObject(
  vault: Api,
  { path, method = "POST", fields, renamed = {}, texts = [], stays, ...object }: PathObject,
): ApiObject {
  const names = { ...Object.fromEntries(fields.map((name) => [name, name])), ...renamed };
  return {
    id: object.id ?? path,
    ...object,
    async put(values) {
      const body = Object.entries(names).flatMap(([name, field]) => (name in values ? [[field, values[name]]] : []));
      await vault.must(method, path(values), Object.fromEntries(body));
    },
    async find(values) {
      const found = await vault.find(path(values));
      if (found === null) return null;
      const told = fromApi(found.data ?? {}, names);
      const asTexts = texts.flatMap((name) => (told[name] == null ? [] : [[name, String(told[name])]]));
      return { ...told, ...Object.fromEntries(asTexts) };
    },
    async remove(values) {
      if (!stays) await vault.must("DELETE", path(values));
    },
  };
}

export function fromApi(data: Known, names: Readonly<Record<string, string>>): Known {
  return Object.fromEntries(Object.entries(names).map(([name, field]) => [name, data[field] ?? null]));
}
