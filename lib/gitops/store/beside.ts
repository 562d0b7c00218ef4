import { dirname } from "node:path";
import { CaravanError } from "../../core/errors";
import type { Backend } from "../backend";
import { FileStore } from "./file-store";
import type { ObjectStore } from "./object-store";
import { S3Store } from "./s3-store";

/**
 * The store beside a stack's state.
 *
 * @throws CaravanError for a backend other than S3 and local files
 */
export function storeBeside(
  backend: Backend,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ObjectStore {
  if (backend.kind === "local") return new FileStore(dirname(backend.path));
  if (backend.kind === "s3") return new S3Store({ ...backend, env });
  throw new CaravanError(
    `Plans and records are kept beside the state, in S3 or in files; the backend "${backend.type}" is neither. ` +
      "Plan and apply such a stack with terraform itself.",
  );
}
