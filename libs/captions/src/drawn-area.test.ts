import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Style } from "@viralclaw/contracts/style";
import { assScript } from "./ass.ts";
import { layOut } from "./layout.ts";
import { styleIds, styles } from "./styles.ts";
import { spoken } from "./testing.ts";

/** What hangs and stands out of a line, and what libass draws aside of its place. */
const samples = {
  pt: "Éj gÂçj Ñandú fijy ÕÃ",
  ar: "اشترك في قناة ب",
  hi: "क्षत्रिय की हिन्दी शक्ति",
  th: "ปู่ ที่ น้ำ",
} as const;
const frame = { width: 360, height: 640 };

for (const id of styleIds) {
  test(`${id}: nothing that could be seen is clipped away, at rest, grown and turned`, () => {
    for (const [language, text] of Object.entries(samples)) assertUnclipped(styles[id], language, text);
  });
}

test("nor is any of what somebody makes of a style", () => {
  const shadow = { color: "#000000", opacity: 1, x: -0.3, y: 0.4, blur: 0.5 };
  const pop = { from: 1, peak: 1.4, rest: 1, rise_ms: 200, settle_ms: 200 };
  const glow = { color: "#ff0000", opacity: 1, size: 0.6 };
  assertUnclipped({ ...styles.boxed, shadow, pop, tilt: 10, active: { ...styles.boxed.active, glow } }, "en", "Wij fly");
});

/** Draws it with its clips and without: each pixel of each frame is the same. */
function assertUnclipped(style: Style, language: string, text: string): void {
  const layout = layOut(spoken(text), { style, frame, language, endMs: 3000 });
  const script = assScript(layout, { style, snap: (ms) => Math.round(ms / 10) });
  // A sweep keeps its sides.
  const free = script
    .replace(/\\i?clip\([^)]*\)(?=\}|\\p)/g, "")
    .replace(/\\clip\((-?\d+),-?\d+,(-?\d+),-?\d+\)/g, `\\clip($1,0,$2,${frame.height})`);
  assert.ok(free.length < script.length);
  const dir = mkdtempSync(join(tmpdir(), "clipped-"));
  try {
    mkdirSync(join(dir, "fonts"));
    for (const [i, { path }] of layout.found.fonts.entries()) copyFileSync(path, join(dir, "fonts", `${i}.ttf`));
    assert.equal(drawn(dir, script), drawn(dir, free), `${style.id} in ${language}`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The checksum of all its frames. */
function drawn(dir: string, script: string): string {
  writeFileSync(join(dir, "captions.ass"), script);
  const source = `color=0xa0b0c0:s=${frame.width}x${frame.height}:r=15:d=3,format=yuv420p`;
  const args = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-vf", "ass=captions.ass:fontsdir=fonts"];
  const { stdout } = spawnSync("ffmpeg", [...args, "-f", "md5", "-"], { cwd: dir });
  assert.match(`${stdout}`, /^MD5=/);
  return `${stdout}`;
}
