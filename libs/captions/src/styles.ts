import { DeclaredError } from "@viralclaw/contracts/errors";
import { Style } from "@viralclaw/contracts/style";
import { overridden, type StyleOverrides } from "@viralclaw/contracts/style-overrides";
import boxed from "./styles/boxed.json" with { type: "json" };
import classicSubtitle from "./styles/classic-subtitle.json" with { type: "json" };
import cordel from "./styles/cordel.json" with { type: "json" };
import hormozi from "./styles/hormozi.json" with { type: "json" };
import karaoke from "./styles/karaoke.json" with { type: "json" };
import marcaTexto from "./styles/marca-texto.json" with { type: "json" };
import minimal from "./styles/minimal.json" with { type: "json" };
import mrbeast from "./styles/mrbeast.json" with { type: "json" };
import neon from "./styles/neon.json" with { type: "json" };
import oneWord from "./styles/one-word.json" with { type: "json" };
import podcast from "./styles/podcast.json" with { type: "json" };
import tiktok from "./styles/tiktok.json" with { type: "json" };
import wordFocus from "./styles/word-focus.json" with { type: "json" };

/** The styles on offer, in the order in which they are shown. A new style is a JSON file and a line here. */
const offered = {
  hormozi,
  mrbeast,
  karaoke,
  tiktok,
  minimal,
  boxed,
  podcast,
  neon,
  "one-word": oneWord,
  "word-focus": wordFocus,
  "classic-subtitle": classicSubtitle,
  "marca-texto": marcaTexto,
  cordel,
} as const;

export type StyleId = keyof typeof offered;
export const styleIds = Object.keys(offered) as [StyleId, ...StyleId[]];

/** Checked when this module is loaded: a service with a broken style does not start. */
export const styles: Readonly<Record<StyleId, Style>> = Object.fromEntries(
  Object.entries(offered).map(([id, data]) => [id, parsed(id, data)]),
) as Record<StyleId, Style>;

/**
 * The style of that id, with what a request overrides. Throws DeclaredError style_not_found, also for overrides that were
 * accepted once and are no longer valid.
 */
export function styleOf(id: string, overrides: StyleOverrides | null = null): Style {
  const style = Object.hasOwn(styles, id) ? styles[id as StyleId] : undefined;
  const whole = style && Style.safeParse(overridden(style, overrides));
  if (whole?.success) return whole.data;
  const wanted = style ? `${id} with these style_overrides` : id;
  throw new DeclaredError("style_not_found", { style: wanted, styles: styleIds.join(", ") }, { cause: whole?.error });
}

function parsed(id: string, data: unknown): Style {
  const style = Style.parse(data);
  if (style.id !== id) throw new Error(`The style of the file ${id}.json calls itself ${style.id}.`);
  return style;
}
