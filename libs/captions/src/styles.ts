import { DeclaredError } from "@viralclaw/contracts/errors";
import { Style } from "./style.ts";
import hormozi from "./styles/hormozi.json" with { type: "json" };
import karaoke from "./styles/karaoke.json" with { type: "json" };
import minimal from "./styles/minimal.json" with { type: "json" };

/** The styles on offer, in the order in which they are shown. A new style is a JSON file and a line here. */
const offered = { hormozi, karaoke, minimal } as const;

export type StyleId = keyof typeof offered;
export const styleIds = Object.keys(offered) as [StyleId, ...StyleId[]];

/** Checked when this module is loaded: a service with a broken style does not start. */
export const styles: Readonly<Record<StyleId, Style>> = Object.fromEntries(
  Object.entries(offered).map(([id, data]) => [id, parsed(id, data)]),
) as Record<StyleId, Style>;

/** The style of that id. Throws DeclaredError style_not_found. */
export function styleOf(id: string): Style {
  const style = Object.hasOwn(styles, id) ? styles[id as StyleId] : undefined;
  if (!style) throw new DeclaredError("style_not_found", { style: id, styles: styleIds.join(", ") });
  return style;
}

function parsed(id: string, data: unknown): Style {
  const style = Style.parse(data);
  if (style.id !== id) throw new Error(`The style of the file ${id}.json calls itself ${style.id}.`);
  return style;
}
