/** Where an environment lives in Google Cloud. */
export interface GcpPlace {
  /** Name of the environment, `"prod"`; one of its kind in a project. */
  readonly environment: string;
  /** Id of the project, `"acme-caravan-prod"`; neither its name nor its number. */
  readonly project: string;
  /** The region, `"europe-west1"`. */
  readonly region: string;
}

/** Something in a place's region, as Google's APIs name it: `projects/<project>/regions/<region>/subnetworks/<name>`. */
export function regionalName({ project, region }: GcpPlace, collection: string, name: string): string {
  return `projects/${project}/regions/${region}/${collection}/${name}`;
}

/** Something of the whole project in Compute Engine: `projects/<project>/global/networks/<name>`. */
export function globalName({ project }: Pick<GcpPlace, "project">, collection: string, name: string): string {
  return `projects/${project}/global/${collection}/${name}`;
}

/** The e-mail address of a service account of the project, by its id: `<id>@<project>.iam.gserviceaccount.com`. */
export function serviceAccountEmail({ project }: Pick<GcpPlace, "project">, id: string): string {
  return `${id}@${project}.iam.gserviceaccount.com`;
}
