import { GcpCredentialChain } from "../../operate/gcp/credentials";
import { isMissing, RestApi, RestError } from "../../operate/rest";
import type { ObjectStore } from "./object-store";

export interface GcsStoreProps {
  readonly bucket: string;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where all hosts answer instead, each below its name. @default - the hosts themselves */
  readonly endpoint?: string;
}

const HOST = "https://storage.googleapis.com";

/** Objects of a Cloud Storage bucket: https://cloud.google.com/storage/docs/json_api */
export class GcsStore implements ObjectStore {
  readonly name: string;
  private readonly api: RestApi;

  constructor(private readonly props: GcsStoreProps) {
    const { bucket, env, endpoint } = props;
    this.name = `gs://${bucket}`;
    const credentials = new GcpCredentialChain(env, endpoint);
    this.api = new RestApi({ token: () => credentials.get(), endpoint });
  }

  async read(key: string): Promise<string | undefined> {
    const url = `${HOST}/storage/v1/b/${this.props.bucket}/o/${encodeURIComponent(key)}?alt=media`;
    try {
      const asked = { call: `read ${this.name}/${key}`, url, audience: "", slow: true };
      return (await this.api.send(asked, new AbortController().signal)).body.toString();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async write(key: string, text: string): Promise<void> {
    await this.put(key, text, {});
  }

  async create(key: string, text: string): Promise<boolean> {
    try {
      await this.put(key, text, { ifGenerationMatch: "0" });
      return true;
    } catch (error) {
      if (error instanceof RestError && error.status === 412) return false;
      throw error;
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const keys: string[] = [];
    let pageToken: string | undefined;
    do {
      const query = new URLSearchParams({ prefix, fields: "items(name),nextPageToken" });
      if (pageToken !== undefined) query.set("pageToken", pageToken);
      const url = `${HOST}/storage/v1/b/${this.props.bucket}/o?${query}`;
      const page: { readonly items?: readonly { readonly name: string }[]; readonly nextPageToken?: string } =
        await this.api.json({ call: `list ${this.name}/${prefix}`, url, audience: "" }, new AbortController().signal);
      keys.push(...(page.items ?? []).map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return keys.sort();
  }

  private async put(key: string, text: string, condition: Readonly<Record<string, string>>): Promise<void> {
    const query = new URLSearchParams({ uploadType: "media", name: key, ...condition });
    await this.api.send(
      {
        call: `write ${this.name}/${key}`,
        url: `${HOST}/upload/storage/v1/b/${this.props.bucket}/o?${query}`,
        audience: "",
        method: "POST",
        headers: { "content-type": "application/json" },
        content: text,
      },
      new AbortController().signal,
    );
  }
}
