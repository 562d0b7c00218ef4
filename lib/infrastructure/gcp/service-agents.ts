import { DataGoogleLoggingProjectCmekSettings } from "@cdktf/provider-google/lib/data-google-logging-project-cmek-settings";
import { DataGoogleProject } from "@cdktf/provider-google/lib/data-google-project";
import { DataGoogleStorageProjectServiceAccount } from "@cdktf/provider-google/lib/data-google-storage-project-service-account";
import { Construct } from "constructs";
import type { GcpPlace } from "./place";

/** Services that encrypt with a key of the environment. */
export type GcpEncryptingService = "compute" | "storage" | "secretManager" | "logging";

/**
 * The accounts by which Google's services act in a project, as grants name them. Those of Cloud Storage and Cloud Logging are
 * made by asking for them, that of Compute Engine with its API; that of Secret Manager a person makes once:
 * `gcloud beta services identity create --service=secretmanager.googleapis.com`.
 *
 * https://cloud.google.com/iam/docs/service-agents
 */
export class GcpServiceAgents extends Construct {
  /** The number of the project, which only Google knows. */
  readonly projectNumber: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly place: Pick<GcpPlace, "project">,
  ) {
    super(scope, id);
    this.projectNumber = new DataGoogleProject(this, "project", { projectId: place.project }).number;
  }

  /** The account of a service, `serviceAccount:...`. */
  member(service: GcpEncryptingService): string {
    const { project } = this.place;
    switch (service) {
      case "compute":
        return `serviceAccount:service-${this.projectNumber}@compute-system.iam.gserviceaccount.com`;
      case "secretManager":
        return `serviceAccount:service-${this.projectNumber}@gcp-sa-secretmanager.iam.gserviceaccount.com`;
      case "storage":
        return new DataGoogleStorageProjectServiceAccount(this, "storage", { project }).member;
      case "logging": {
        const settings = new DataGoogleLoggingProjectCmekSettings(this, "logging", { project });
        return `serviceAccount:${settings.serviceAccountId}`;
      }
    }
  }
}
