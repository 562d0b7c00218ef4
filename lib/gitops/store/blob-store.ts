import { AzureCredentialChain } from "../../operate/azure/credentials";
import { isMissing, RestApi, RestError } from "../../operate/rest";
import { parseXml } from "../../operate/xml";
import type { ObjectStore } from "./object-store";

export interface BlobStoreProps {
  readonly account: string;
  readonly container: string;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A token for a resource. @default - as Terraform's provider finds it */
  readonly token?: (resource: string) => Promise<string>;
  /** Where all hosts answer instead, each below its name. @default - the hosts themselves */
  readonly endpoint?: string;
}

const AUDIENCE = "https://storage.azure.com/";
const VERSION = { "x-ms-version": "2023-11-03" };

/** Blobs of an Azure container: https://learn.microsoft.com/en-us/rest/api/storageservices/blob-service-rest-api */
export class BlobStore implements ObjectStore {
  readonly name: string;
  private readonly api: RestApi;

  constructor({ account, container, env, token, endpoint }: BlobStoreProps) {
    this.name = `https://${account}.blob.core.windows.net/${container}`;
    const chain = new AzureCredentialChain(undefined, env);
    this.api = new RestApi({ token: token ?? ((resource) => chain.get(resource)), endpoint });
  }

  async read(key: string): Promise<string | undefined> {
    try {
      const asked = { call: `read ${this.name}/${key}`, url: this.at(key), audience: AUDIENCE, headers: VERSION };
      return (await this.api.send({ ...asked, slow: true }, new AbortController().signal)).body.toString();
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
      await this.put(key, text, { "if-none-match": "*" });
      return true;
    } catch (error) {
      // 409: the blob is there; 412: another writer was at work.
      if (error instanceof RestError && (error.status === 409 || error.status === 412)) return false;
      throw error;
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const keys: string[] = [];
    let marker = "";
    do {
      const query = new URLSearchParams({ restype: "container", comp: "list", prefix, marker });
      const call = `list ${this.name}/${prefix}`;
      const answer = await this.api.send(
        { call, url: `${this.name}?${query}`, audience: AUDIENCE, headers: VERSION },
        new AbortController().signal,
      );
      const page = parseXml(answer.body.toString());
      keys.push(...page.all("Blobs.Blob.Name").map(({ text }) => text));
      marker = page.value("NextMarker") ?? "";
    } while (marker !== "");
    return keys.sort();
  }

  private async put(key: string, text: string, condition: Readonly<Record<string, string>>): Promise<void> {
    await this.api.send(
      {
        call: `write ${this.name}/${key}`,
        url: this.at(key),
        audience: AUDIENCE,
        method: "PUT",
        headers: { ...VERSION, "x-ms-blob-type": "BlockBlob", "content-type": "application/json", ...condition },
        content: text,
      },
      new AbortController().signal,
    );
  }

  private at(key: string): string {
    return `${this.name}/${key.split("/").map(encodeURIComponent).join("/")}`;
  }
}
