import { LocalState, S3State } from "cdktf-caravan";
import { awsStateBucketName } from "cdktf-caravan/aws";

/** Where both environments stand. */
export const place = { accountId: "123456789012", region: "eu-central-1" };

/** The repository whose pull requests plan and whose merges apply. */
export const github = { repository: "acme/platform" };

/** Ubuntu 24.04 in this region, as docs/images.md looks it up. */
export const images = { x86_64: "ami-0123456789abcdef0", arm64: "ami-0123456789abcdef1" };

/** An environment with its state in a bucket of its own. */
export function environmentOf(name: string) {
  const bucket = awsStateBucketName({ environment: name, ...place });
  const state = new S3State({ bucket, region: place.region });
  return { name, state, tags: { "cost-center": "platform" } };
}

/** The same with its state in a file: for the first apply of a state stack, before there is a bucket. */
export function bootstrapped(environment: ReturnType<typeof environmentOf>) {
  return process.env["CARAVAN_BOOTSTRAP"] === "1" ? { ...environment, state: new LocalState() } : environment;
}
