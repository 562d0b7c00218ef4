/** First boot installs the programs, each at its pinned version. */
export interface InstalledSoftware {
  readonly from: "install";
}

/** The image has the programs; first boot only checks their versions. */
export interface BakedSoftware {
  readonly from: "baked";
}

/** Where the programs come from. */
export type Software = InstalledSoftware | BakedSoftware;
