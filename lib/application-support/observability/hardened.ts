/** What a container may: nothing but run, and write to its own directories. */
export const hardened = {
  readonlyRootfs: true,
  capDrop: ["all"],
  securityOpt: ["no-new-privileges"],
} as const;
