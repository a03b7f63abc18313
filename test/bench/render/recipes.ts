import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { drawn, footage, page, photo, shot } from "./sources.ts";

/** What a clip is made of: ffmpeg's inputs (0 is the sound), the graph that ends in [out], and the bit rate a phone would give it. */
export type Recipe = () => Promise<{ inputs: string[]; graph: string; mbits: number }>;

type Shape = "vertical" | "wide";
const sizes = { vertical: { width: 1080, height: 1920 }, wide: { width: 1920, height: 1080 } } as const;
const fps = 30;
const seconds = 8;

/** An input of one picture as a stream of it. */
const still = (input: number) => `[${input}:v]loop=loop=-1:size=1,setpts=N/${fps}/TB,fps=${fps}`;

/** A hand's tremor and sway, as px over the frame number: three swings that never repeat together. */
const sway = (px: number, phase: number) =>
  `(${px}*sin(on/47+${phase})+${px / 3}*sin(on/11+2*${phase})+${px / 9}*sin(on/3.1+3*${phase}))`;

/**
 * A sensor's noise, a little blurred and sharpened again as a phone's own processing does: its grain is larger than a pixel. `level` is
 * ffmpeg's noise strength, of luma; the rest are its usual shares.
 */
const sensor = (level: number) =>
  `noise=c0s=${level}:c0f=t:c1s=${Math.round(level * 0.7)}:c1f=t:c2s=${Math.round(level * 0.7)}:c2f=t,gblur=sigma=0.55,unsharp=3:3:0.7`;

/** Photographs before a hand-held camera that walks into them, one cut to the next. */
export function handheld(photos: readonly [string, string], shape: Shape, noise: number): Recipe {
  const { width, height } = sizes[shape];
  return async () => {
    const scenes = photos.map((_, index) => {
      const frames = (seconds / photos.length) * fps;
      const zoom = `(1.12+0.0006*on)`;
      const [x, y] = [`((W-W/${zoom})/2+${sway(26, index + 1)})`, `((H-H/${zoom})/2+${sway(19, index + 5)})`];
      const [right, bottom] = [`${x}+W/${zoom}`, `${y}+H/${zoom}`];
      return (
        `[${index + 1}:v]crop='min(iw,ih*${width}/${height})':'min(ih,iw*${height}/${width})',scale=${width}:${height}:flags=lanczos,` +
        `setsar=1,format=yuv420p,loop=loop=${frames}:size=1,setpts=N/${fps}/TB,fps=${fps},` +
        `perspective=${x}:${y}:${right}:${y}:${x}:${bottom}:${right}:${bottom}:interpolation=cubic:eval=frame,trim=end_frame=${frames}[s${index}]`
      );
    });
    const joined = `${photos.map((_, index) => `[s${index}]`).join("")}concat=n=${photos.length},${sensor(noise)}[out]`;
    return { inputs: photos.flatMap((name) => ["-i", photo(name)]), graph: [...scenes, joined].join(";"), mbits: 16 };
  };
}

/** Real footage, enlarged, under the noise that a sensor of this size would have. */
export function realFootage(name: keyof typeof footage, shape: Shape, noise: number): Recipe {
  const { width, height } = sizes[shape];
  return async () => {
    return {
      inputs: ["-i", footage[name]],
      graph:
        `[1:v]fps=${fps},tpad=stop_mode=clone:stop_duration=2,crop='min(iw,ih*${width}/${height})':'min(ih,iw*${height}/${width})',` +
        `scale=${width}:${height}:flags=lanczos,setsar=1,unsharp=5:5:0.6,format=yuv420p,${sensor(noise)}[out]`,
      mbits: 16,
    };
  };
}

/** Flat drawings that slide, turn and bounce before a drawn ground: animation as a motion designer exports it. */
export function cartoon([ground, figure]: readonly [string, string], shape: Shape): Recipe {
  const { width, height } = sizes[shape];
  return async () => {
    const back = await drawn(ground, { width: width * 2, height: height * 1.25 });
    const front = await drawn(figure, { width: width * 0.6, height: height * 0.5 });
    return {
      inputs: ["-i", back, "-i", front],
      graph: [
        `color=0xbfe3ff:s=${width}x${height}:r=${fps}[sky]`,
        `${still(1)},format=rgba[back]`,
        `${still(2)},format=rgba,split[a][b]`,
        `[b]rotate='0.25*sin(2*PI*t/3)':c=none:ow=iw*1.2:oh=ih*1.2[turning]`,
        `[sky][back]overlay=x='-t*${width / 10}':y='-40-30*sin(t)':eval=frame[one]`,
        `[one][a]overlay=x='${width * 0.1}+${width * 0.2}*sin(2*PI*t/4)':y='${height * 0.45}-abs(sin(2*PI*t/1.3))*${height * 0.12}':eval=frame[two]`,
        `[two][turning]overlay=x='${width * 0.5}-t*30':y='${height * 0.05}':eval=frame,format=yuv420p,trim=end_frame=${seconds * fps}[out]`,
      ].join(";"),
      mbits: 10,
    };
  };
}

/** A phone's screen: a page with photographs is scrolled by a thumb, with rests. */
export function feed(document: string, photos: readonly [string, string]): Recipe {
  return async () => {
    const { width, height } = sizes.vertical;
    const long = { width, height: height * 4 };
    const cards = photos.map((name) => `<img src="${pathToFileURL(photo(name)).href}">`);
    const body = html(await readFile(page(document), "utf8"), 34, cards);
    const tall = await shot(`feed-${document}`, body, long);
    const bar = await shot(
      `bar-${document}`,
      `<body style="margin:0;background:#fff;font:600 30px sans-serif;padding:18px 40px">9:41</body>`,
      { width, height: 72 },
    );
    return {
      inputs: ["-i", tall, "-i", bar],
      // A flick of the thumb every 2 s, and 0.9 s of reading after it.
      graph: `${still(1)},crop=${width}:${height}:0:'floor(1300*(floor(t/2)+1-pow(1-min(1,mod(t,2)/1.1),4)))':exact=1[page];[page][2:v]overlay=0:0,format=yuv420p,trim=end_frame=${seconds * fps}[out]`,
      mbits: 10,
    };
  };
}

/** A wide screen: one page is scrolled by a wheel in steps, then another tab is opened; a pointer wanders. */
export function desktop(first: string, second: string): Recipe {
  return async () => {
    const { width, height } = sizes.wide;
    const long = { width, height: height * 3 };
    const [one, two] = [
      await shot(`desk-${first}`, html(await readFile(page(first), "utf8"), 22), long),
      await shot(`desk-${second}`, html(await readFile(page(second), "utf8"), 22), long),
    ];
    const pointer = await shot(
      "pointer",
      `<body style="margin:0"><svg width="40" height="40"><path d="M4 2v30l8-7 6 13 6-3-6-12h11z" fill="#000" stroke="#fff" stroke-width="2"/></svg></body>`,
      { width: 40, height: 40 },
    );
    const stills = [one, two].flatMap((file) => ["-i", file]);
    return {
      inputs: [...stills, "-i", pointer],
      graph: [
        `${still(1)},crop=${width}:${height}:0:'100*floor(min(t,4)*4)':exact=1,trim=end=5,setpts=PTS-STARTPTS[a]`,
        `${still(2)},crop=${width}:${height}:0:'100*floor(max(0,t-1)*3)':exact=1,trim=end=3,setpts=PTS-STARTPTS[b]`,
        `[a][b]concat=n=2[pages];[pages][3:v]overlay=x='900+500*sin(t*1.7)':y='500+300*sin(t*1.1)':eval=frame,format=yuv420p[out]`,
      ].join(";"),
      mbits: 8,
    };
  };
}

/** A document of ours as a web page, headings, lists, tables and code told apart, with pictures between. */
function html(markdown: string, fontPx: number, pictures: readonly string[] = []): string {
  const escaped = markdown.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const lines = escaped.split("\n").map((line, index) => {
    const picture = index > 0 && index % 25 === 0 ? (pictures[(index / 25) % pictures.length] ?? "") : "";
    const heading = /^(#+) (.*)/.exec(line);
    if (heading) return `<h${heading[1]?.length}>${heading[2]}</h${heading[1]?.length}>${picture}`;
    if (line.startsWith("|"))
      return `<div class="row">${line
        .slice(1)
        .split("|")
        .map((cell) => `<span>${cell}</span>`)
        .join("")}</div>${picture}`;
    return `<p>${line.replaceAll(/`([^`]*)`/g, "<code>$1</code>")}</p>${picture}`;
  });
  const style =
    `body{font:${fontPx}px/1.45 sans-serif;margin:90px 44px;background:#fbfbfd;color:#1d1d1f}h1,h2,h3{color:#0a4}code{background:#eef;color:#a0226e;font-family:monospace}` +
    `p{margin:.3em 0}.row{display:flex;border-bottom:1px solid #ccd}.row span{flex:1;padding:4px 8px;overflow-wrap:anywhere}img{width:100%;border-radius:24px;margin:20px 0}`;
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>${lines.join("\n")}`;
}
