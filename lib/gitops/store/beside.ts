import { dirname } from "node:path";
import { CaravanError } from "../../core/errors";
import type { Backend } from "../backend";
import { BlobStore } from "./blob-store";
import { FileStore } from "./file-store";
import { GcsStore } from "./gcs-store";
import type { ObjectStore } from "./object-store";
import { S3Store } from "./s3-store";

/**
 * The store beside a stack's state.
 *
 * @throws CaravanError for a backend other than S3, Cloud Storage, Azure's blobs and local files
 */
export function storeBeside(
  backend: Backend,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ObjectStore {
  if (backend.kind === "local") return new FileStore(dirname(backend.path));
  if (backend.kind === "s3") return new S3Store({ ...backend, env });
  if (backend.kind === "gcs") return new GcsStore({ bucket: backend.bucket, env });
  if (backend.kind === "azurerm") return new BlobStore({ account: backend.account, container: backend.container, env });
  throw new CaravanError(
    "Plans and records are kept beside the state, in S3, in Cloud Storage, in Azure's blobs or in files; the backend " +
      `"${backend.type}" is none of these. ` +
      "Plan and apply such a stack with terraform itself.",
  );
}
