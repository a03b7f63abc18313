import { readFileSync } from "node:fs";
import svgpath from "svgpath";
import { drawingScale } from "./shapes.ts";

/**
 * An emoji as flat shapes of one colour each, lowest first. Twemoji's pictures are nothing else (svgo left paths, circles and
 * ellipses; no gradients), so libass can draw them as it draws boxes: on the frames of their word, at any size, growing with it.
 */
export type Picture = readonly Shape[];

export interface Shape {
  /** `#rrggbb`. */
  colour: string;
  opacity: number;
  /** Absolute lines and cubic curves, in the picture's own units: 0 to `pictureUnits` to the right and downwards. */
  segments: readonly Segment[];
}

type Segment = readonly [command: "m" | "l" | "b", ...points: number[]];

/** The side of the square that Twemoji draws in. */
export const pictureUnits = 36;

/** Reads one of Twemoji's SVG files. Throws where it holds what this does not know: a new release must not draw half a picture. */
export function readPicture(file: string): Picture {
  const svg = readFileSync(file, "utf8").replace(/<defs>.*?<\/defs>/gs, "");
  const inherited: Attributes[] = [{}];
  const shapes: Shape[] = [];
  for (const [, closes, name = "", rest = "", isEmpty] of svg.matchAll(/<(\/?)(\w+)([^>]*?)(\/?)>/g)) {
    const own = { ...inherited.at(-1), ...attributesOf(rest, inherited.at(-1)) };
    if (closes) inherited.pop();
    else if (name === "g") inherited.push(own);
    else if (name !== "svg") {
      const shape = shapeOf(name, own);
      if (shape) shapes.push(shape);
      if (!isEmpty) inherited.push(own);
    }
  }
  return shapes;
}

/**
 * A shape as an ASS drawing, to be drawn with `\\p${drawingScale}`: the picture's square has its middle `x` px to the right of the
 * drawing's and `side` px a side. libass places a drawing by its bounds, so every shape of a picture gets the same ones, from two
 * empty outlines that reach the same way to all sides of the drawing's middle, beyond all points of the shape.
 */
export function drawingOf({ segments }: Shape, { x, side }: { x: number; side: number }): string {
  const unit = 2 ** (drawingScale - 1);
  const scale = (side / pictureUnits) * unit;
  const reach = Math.round((Math.abs(x) + side * furthest) * unit);
  const left = reach + (x - side / 2) * unit;
  const top = reach - (side / 2) * unit;
  let last = "";
  const words = segments.flatMap(([command, ...points]) => {
    const places = points.map((value, i) => `${Math.round(value * scale + (i % 2 === 0 ? left : top))}`);
    const repeated = command === last && command !== "m";
    last = command;
    return repeated ? places : [command, ...places];
  });
  return [...["m 0 0 l 0 0", `m ${2 * reach} ${2 * reach} l ${2 * reach} ${2 * reach}`], ...words].join(" ");
}

/** How far any point of a picture lies from its middle, as a share of its side; handles of curves lie outside of what they draw. */
const furthest = 0.75;

type Attributes = Readonly<Record<string, string>>;

/** An element's own attributes; opacities multiply with what is around it. */
function attributesOf(text: string, around: Attributes = {}): Attributes {
  const own = Object.fromEntries([...text.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
  const opacity = ["opacity", "fill-opacity"].reduce((product, name) => product * Number(own[name] ?? 1), 1);
  return { ...own, opacity: `${opacity * Number(around.opacity ?? 1)}`, transform: own.transform ?? "" };
}

function shapeOf(name: string, attributes: Attributes): Shape | undefined {
  const { fill = "#000000", opacity = "1", transform = "" } = attributes;
  if (fill === "none") return undefined;
  const segments: Segment[] = [];
  svgpath(pathOf(name, attributes))
    .transform(transform)
    .abs()
    .unshort()
    .unarc()
    .iterate(([command, ...values], _, x, y) => {
      segments.push(...segmentOf(command, values.map(Number), x, y));
    });
  return { colour: hex(fill), opacity: Number(opacity), segments };
}

function pathOf(name: string, attributes: Attributes): string {
  const { d, cx = "0", cy = "0", r = "0", rx = r, ry = r } = attributes;
  if (name === "path" && d) return d;
  if (name !== "circle" && name !== "ellipse") throw new Error(`A picture has a <${name}>, which is not known.`);
  const half = `a${rx} ${ry} 0 1 0`;
  return `M${Number(cx) - Number(rx)} ${cy}${half} ${2 * Number(rx)} 0${half} ${-2 * Number(rx)} 0Z`;
}

/** ASS has one kind of curve; a quadratic one is raised to it. Outlines close by themselves. */
function segmentOf(command: string, values: readonly number[], x: number, y: number): Segment[] {
  const [a = 0, b = 0, c = 0, d = 0] = values;
  if (command === "M") return [["m", a, b]];
  if (command === "L") return [["l", a, b]];
  if (command === "H") return [["l", a, y]];
  if (command === "V") return [["l", x, a]];
  if (command === "C") return [["b", ...values]];
  const third = (from: number, handle: number) => from + (2 / 3) * (handle - from);
  if (command === "Q") return [["b", third(x, a), third(y, b), third(c, a), third(d, b), c, d]];
  if (command === "Z") return [];
  throw new Error(`A picture's outline has a ${command}, which is not known.`);
}

/** Twemoji writes colours as #rgb, #rrggbb and, of CSS's names, these. */
function hex(fill: string): string {
  const known = names[fill as keyof typeof names] ?? fill;
  const full = known.length === 4 ? known.replace(/[^#]/g, "$&$&") : known;
  if (!/^#[0-9a-f]{6}$/i.test(full)) throw new Error(`A picture is filled with ${fill}, which is not known.`);
  return full.toLowerCase();
}

const names = { red: "#ff0000", green: "#008000", navy: "#000080" } as const;
