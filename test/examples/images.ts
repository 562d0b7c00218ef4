import type { Behaviours } from "../support/providers";

/** The images of the examples, as stand-ins for the clouds tell them: one for each processor. */
export const exampleImages: Readonly<Record<string, Behaviours>> = {
  aws: {
    data: {
      aws_ami: (config) => ({
        architecture: JSON.stringify(config).includes("ami-0123456789abcdef1") ? "arm64" : "x86_64",
        root_device_type: "ebs",
        root_device_name: "/dev/xvda",
      }),
    },
  },
  google: { data: { google_compute_image: () => ({ status: "READY" }) } },
};
