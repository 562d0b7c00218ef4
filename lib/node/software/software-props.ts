/** A repository of Debian packages and the key that signs it. */
export interface PackageRepository {
  /** Address of the repository, without the distribution's name: `https://mirror.example.com/hashicorp`. */
  readonly url: string;
  /**
   * Address of the signing key.
   *
   * @default - `<url>/gpg`
   */
  readonly keyUrl?: string;
  /**
   * Fingerprint of the signing key, 40 hexadecimal digits; a key with another is refused.
   *
   * @default - the vendor's
   */
  readonly fingerprint?: string;
}

interface SoftwareBase {
  /**
   * Registry of the platform's own container image (Envoy): a mirror of `docker.io`.
   *
   * @default "docker.io"
   */
  readonly registry?: string;
}

/** First boot installs the programs on Debian or Ubuntu, each at its pinned version. */
export interface InstalledSoftware extends SoftwareBase {
  readonly from: "install";
  /**
   * Packages of Vault, Consul, Nomad and consul-cni.
   *
   * @default - https://apt.releases.hashicorp.com
   */
  readonly hashicorp?: PackageRepository;
  /**
   * Packages of the container engine. The distribution's own name (`debian`, `ubuntu`) is appended to the address.
   *
   * @default - https://download.docker.com/linux
   */
  readonly docker?: PackageRepository;
}

/** The image has the programs; first boot only checks their versions. */
export interface BakedSoftware extends SoftwareBase {
  readonly from: "baked";
}

/** Where the programs come from. */
export type Software = InstalledSoftware | BakedSoftware;
