/** Machines of Google's, and recipes of them. */
export const MACHINES = [
  "google_compute_instance",
  "google_compute_instance_template",
  "google_compute_region_instance_template",
];
