import { CaravanError, show } from "../core/errors";

const OCTET = "(0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])";
const NOTATION = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}/(0|[1-9]|[12]\\d|3[0-2])$`);

/** A block of IPv4 addresses in CIDR notation (RFC 4632): `10.64.0.0/16`. A value: it never changes. */
export class Cidr {
  /**
   * Reads `"10.64.0.0/16"`.
   *
   * @throws CaravanError if the text is none, or its address lies inside the block instead of at its start
   */
  static parse(text: string): Cidr {
    const block = Cidr.around(text);
    if (block?.toString() !== text) {
      throw new CaravanError(
        `given ${show(text)} as a block of addresses.\n  allowed: CIDR notation, "10.64.0.0/16"\n  fix:     ` +
          (block === undefined ? "write four numbers from 0 to 255 and a length from 0 to 32" : `write "${block}"`),
      );
    }
    return block;
  }

  /** The block that holds an address written with a length: `10.64.0.0/16` for `"10.64.3.9/16"`. */
  static around(text: string): Cidr | undefined {
    const match = NOTATION.exec(text);
    if (match === null) return undefined;
    const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
    const size = 2 ** (32 - prefix);
    const address = ((a * 256 + b) * 256 + c) * 256 + d;
    return new Cidr(address - (address % size), prefix);
  }

  private constructor(
    /** The first address, as a number. */
    readonly first: number,
    /** Length of the prefix, 0 to 32. */
    readonly prefix: number,
  ) {}

  /** How many addresses it holds. */
  get size(): number {
    return 2 ** (32 - this.prefix);
  }

  /** The last address, as a number. */
  get last(): number {
    return this.first + this.size - 1;
  }

  /** Whether every address of the other block is one of this block's. */
  contains(other: Cidr): boolean {
    return this.first <= other.first && other.last <= this.last;
  }

  /** Whether the two blocks share an address. */
  overlaps(other: Cidr): boolean {
    return this.contains(other) || other.contains(this);
  }

  /**
   * One of the equal parts that the block is cut into.
   *
   * @param prefix length of the part's prefix, at least the block's own
   * @param index 0 for the first part
   * @throws CaravanError if there is no such part
   */
  part(prefix: number, index: number): Cidr {
    const count = 2 ** (prefix - this.prefix);
    if (!(prefix >= this.prefix && prefix <= 32 && Number.isInteger(index) && index >= 0 && index < count)) {
      throw new CaravanError(
        `${this} has no part ${show(index)} of length /${prefix}.\n` +
          `  allowed: a length from ${this.prefix} to 32, and an index below the number of such parts\n` +
          "  fix:     take a larger block or a smaller part",
      );
    }
    return new Cidr(this.first + index * 2 ** (32 - prefix), prefix);
  }

  /** The block of the given length that holds this one, or its first part of that length. */
  resized(prefix: number): Cidr {
    return new Cidr(this.first - (this.first % 2 ** (32 - prefix)), prefix);
  }

  toString(): string {
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(this.first / 2 ** shift) % 256);
    return `${octets.join(".")}/${this.prefix}`;
  }
}
