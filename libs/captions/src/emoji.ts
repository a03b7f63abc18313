import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Picture, readPicture } from "./emoji-picture.ts";

/** Which characters are shown as pictures, and which pictures those are. */

/**
 * Whether a grapheme cluster asks to be a picture (UTS 51): emoji that are so by themselves, any with the selector VS16, keycaps,
 * flags and joined ones; not one with VS15, and not a sign such as ❤ or ™ alone, which is text unless no font has it.
 */
export function isEmoji(cluster: string): boolean {
  if (cluster.includes(textSelector)) return false;
  return (
    /^\p{Emoji_Presentation}/u.test(cluster) || /^\p{Emoji}.*[\uFE0F\u20E3]|^\p{Extended_Pictographic}.*\u200D/u.test(cluster)
  );
}

/**
 * The pictures of a cluster, in reading order, as names of files: one, or those of its parts where a joined emoji is newer than
 * the pictures, without the skin's colour where only that is unknown. Undefined where it has none.
 */
export function emojiNames(cluster: string): string[] | undefined {
  const whole = nameOf(cluster);
  if (whole) return [whole];
  const plain = nameOf(cluster.replace(/\p{Emoji_Modifier}/gu, ""));
  if (plain) return [plain];
  const parts = cluster.split(joiner).map(nameOf);
  return parts.length > 1 && parts.every((part) => part !== undefined) ? parts : undefined;
}

/** The picture of such a name, read once per process. */
export function emojiPicture(name: string): Picture {
  const known = pictures.get(name);
  if (known) return known;
  const picture = readPicture(join(folder, name));
  pictures.set(name, picture);
  return picture;
}

/** Every picture there is. */
export const emojiFiles = (): string[] => [...names().values()];

const [textSelector, joiner] = ["\uFE0E", "\u200D"] as const;

const folder = dirname(createRequire(import.meta.url).resolve("@discordapp/twemoji/dist/svg/1f525.svg"));
const pictures = new Map<string, Picture>();

const nameOf = (text: string) => names().get(keyOf([...text].map((character) => (character.codePointAt(0) ?? 0).toString(16))));

let found: Map<string, string> | undefined;

/** Files are named by code points, some with the selector fe0f and some without it: they are found without. */
function names(): Map<string, string> {
  found ??= new Map(readdirSync(folder).map((file) => [keyOf(file.replace(".svg", "").split("-")), file]));
  return found;
}

const keyOf = (codePoints: readonly string[]) => codePoints.filter((code) => code !== "fe0f").join("-");
