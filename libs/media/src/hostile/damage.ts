/** Damage that happens to files on their way, and that people who look for holes do on purpose. */

/** Bytes of the file up to nine cuts at equal distances, and nothing of it at all. */
export function truncations(bytes: Buffer, cuts = 10): Buffer[] {
  return Array.from({ length: cuts }, (_, i) => bytes.subarray(0, Math.floor((bytes.length * i) / cuts)));
}

/** The file with one to twenty of its bits turned over, from `from` on; the same seed turns over the same ones. */
export function flipped(bytes: Buffer, seed: number, from = 0): Buffer {
  const random = randomNumbers(seed);
  const damaged = Buffer.from(bytes);
  for (let flips = 1 + (seed % 20); flips > 0; flips--) {
    const at = from + Math.floor(random() * (bytes.length - from));
    damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
  }
  return damaged;
}

/** Bytes that mean nothing. */
export function noise(length: number, seed: number): Buffer {
  const random = randomNumbers(seed);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

/** Park and Miller's generator (Comm. ACM 31, 1988): 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  // Seeds that are close to each other would begin alike.
  let state = (seed * 1_000_003) % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
