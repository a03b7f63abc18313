import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A checksum fed piece by piece, answered in base64 as S3's `x-amz-checksum-…` headers carry it. */
export interface Checksum {
  update(chunk: Buffer): void;
  base64(): string;
}

/** The algorithms this server computes, by the name in their header. CRC64NVME is the one of S3's that it lacks. */
export const checksums: Readonly<Record<string, () => Checksum>> = {
  crc32: () =>
    crc(
      0,
      (chunk, state) => crc32(chunk, state),
      (state) => state,
    ),
  crc32c: () => crc(0xffffffff, crc32cOf, (state) => ~state),
  sha1: () => digest("sha1"),
  sha256: () => digest("sha256"),
};

function crc(initial: number, step: (chunk: Buffer, state: number) => number, finish: (state: number) => number): Checksum {
  let state = initial;
  return {
    update(chunk) {
      state = step(chunk, state);
    },
    base64() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(finish(state) >>> 0);
      return bytes.toString("base64");
    },
  };
}

function digest(algorithm: string): Checksum {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), base64: () => hash.digest("base64") };
}

/** CRC-32C (RFC 3720, appendix B.4), reflected polynomial 0x82f63b78. */
const crc32cTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function crc32cOf(chunk: Buffer, state: number): number {
  let value = state;
  for (const byte of chunk) value = (value >>> 8) ^ (crc32cTable[(value ^ byte) & 0xff] ?? 0);
  return value;
}
