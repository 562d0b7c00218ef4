import type { DataBehaviour } from "../support/providers";

/** The images of the examples, as a stand-in for AWS tells them: one for each processor. */
export const exampleImages: DataBehaviour = (config) => ({
  architecture: JSON.stringify(config).includes("ami-0123456789abcdef1") ? "arm64" : "x86_64",
  root_device_type: "ebs",
  root_device_name: "/dev/xvda",
});
