import { onlyUserMedia } from "./ffmpeg.ts";
import { run } from "./process.ts";

/** What ffprobe tells of one thing, by name; what it does not know is not among it. */
export type Told = Readonly<Record<string, string | undefined>>;

/** What a thing is: packets come first, then streams, then the format. The streams of a broadcast are told by programme too, before. */
type Kind = "packet" | "stream" | "format";

/**
 * Has ffprobe tell of a user's file, once: to start it takes longer than to read most files. What it says of each thing is handed
 * over under that thing's kind. Throws the signal's reason, or ProcessFailed where ffprobe cannot read the file, or may not.
 */
export async function tell(
  file: string,
  entries: readonly string[],
  take: Record<Kind, (told: Told) => void>,
  options: { signal: AbortSignal; cwd: string },
): Promise<void> {
  const args = ["-v", "error", ...onlyUserMedia, "-show_entries", entries.join(":"), "-of", "compact", `file:${file}`];
  // Side data may follow on lines of their own.
  let last: { kind: Kind; told: Told } | undefined;
  const handOver = () => last && take[last.kind](last.told);
  await run("ffprobe", args, {
    ...options,
    ...probeLimits(options.cwd),
    stdout(line) {
      const [kind = "", ...fields] = line.split("|");
      if (Object.hasOwn(take, kind)) {
        handOver();
        last = { kind: kind as Kind, told: fieldsOf(fields) };
      } else if (last && kind.startsWith("side_dat")) last = { ...last, told: { ...fieldsOf(fields), ...last.told } };
    },
  });
  handOver();
}

/** For reading a file without decoding it. A hostile one must not hold a worker; the largest one allowed is read in seconds. */
export function probeLimits(folder: string) {
  return { timeoutMs: 120_000, cpuSeconds: 60, memoryBytes: 2 * 1024 ** 3, fileBytes: 0, reads: [folder], writes: [] };
}

/** Each is `name=value`, of nested ones `disposition:default=1`; the first of a name is the one that counts. */
function fieldsOf(fields: readonly string[]): Told {
  const told: Record<string, string> = {};
  for (const field of fields) {
    const equals = field.indexOf("=");
    const [name, value] = [field.slice(field.lastIndexOf(":", equals) + 1, equals), field.slice(equals + 1)];
    if (equals > 0 && !unknown.has(value)) told[name] ??= value;
  }
  return told;
}

const unknown = new Set(["N/A", "unknown"]);
