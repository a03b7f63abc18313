import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** What a command took. CPU is that of all its processes, user and system. */
export interface Took {
  cpuS: number;
  wallS: number;
}

/** Runs a command to its end, in a folder. */
export async function timed(command: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Took> {
  const timing = ["-c", 'TIMEFORMAT="TIMED %U %S %R"; time "$@" >/dev/null 2>&1', "bash", ...command];
  const { stderr } = await exec("bash", timing, { cwd, env: { ...process.env, ...env }, maxBuffer: 1e8 });
  const [user = 0, system = 0, wallS = 0] = (/TIMED (.*)/.exec(stderr)?.[1] ?? "").split(" ").map(Number);
  return { cpuS: user + system, wallS };
}

/** How near a video is to its source with the same captions drawn on it, of all three planes. */
export interface Nearness {
  psnr: number;
  ssim: number;
  worstPsnr: number;
  worstSsim: number;
  /** Null where this ffmpeg has no libvmaf: Debian's has none. */
  vmaf: number | null;
}

/** How the captions are drawn on the source: by the filter that drew them in the result, in a folder that holds what it needs. */
export interface Drawing {
  folder: string;
  draw: string;
  env: Record<string, string>;
}

/** Compares frame by frame; the worst second is that of the lowest mean. */
export async function nearness(video: string, source: string, { folder, draw, env }: Drawing): Promise<Nearness> {
  const dir = await mkdtemp(join(tmpdir(), "nearness-"));
  try {
    const filters = [
      `psnr=stats_file=${dir}/psnr`,
      `ssim=stats_file=${dir}/ssim`,
      ...((await hasVmaf()) ? [`libvmaf=log_fmt=json:log_path=${dir}/vmaf`] : []),
    ];
    const [made, meant] = ["a", "b"].map((name) => filters.map((_, index) => `[${name}${index}]`));
    const graph = [
      `[0:v]setpts=N/TB/30,split=${filters.length}${made?.join("")}`,
      `[1:v]format=yuv420p,${draw},setpts=N/TB/30,split=${filters.length}${meant?.join("")}`,
      ...filters.map((filter, index) => `${made?.[index]}${meant?.[index]}${filter}[o${index}]`),
    ].join(";");
    const outputs = filters.flatMap((_, index) => ["-map", `[o${index}]`, "-f", "null", "-"]);
    await exec("ffmpeg", ["-nostdin", "-v", "error", "-i", video, "-i", source, "-filter_complex", graph, ...outputs], {
      cwd: folder,
      env: { ...process.env, ...env },
    });
    const mse = await column(join(dir, "psnr"), /mse_avg:([\d.]+)/);
    const ssim = await column(join(dir, "ssim"), /All:([\d.]+)/);
    const decibels = (error: number) => 10 * Math.log10(255 ** 2 / Math.max(error, 1e-9));
    return {
      ...{ psnr: decibels(mean(mse)), ssim: mean(ssim) },
      ...{ worstPsnr: decibels(Math.max(...bySecond(mse))), worstSsim: Math.min(...bySecond(ssim)) },
      vmaf: await vmafOf(join(dir, "vmaf")),
    };
  } finally {
    await rm(dir, { recursive: true });
  }
}

const hasVmaf = async () => (await exec("ffmpeg", ["-hide_banner", "-filters"])).stdout.includes(" libvmaf ");

/** The mean over the frames, however this version of libvmaf tells it. */
async function vmafOf(file: string): Promise<number | null> {
  const told = await readFile(file, "utf8").catch(() => null);
  const scores = [...(told ?? "").matchAll(/"vmaf": *([\d.]+)/g)].map(([, score]) => Number(score));
  return scores.length > 0 ? mean(scores) : null;
}

async function column(file: string, pattern: RegExp): Promise<number[]> {
  return (await readFile(file, "utf8")).split("\n").flatMap((line) => pattern.exec(line)?.slice(1).map(Number) ?? []);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const framesASecond = 30;
const bySecond = (values: readonly number[]) =>
  Array.from({ length: Math.floor(values.length / framesASecond) }, (_, second) =>
    mean(values.slice(second * framesASecond, (second + 1) * framesASecond)),
  );
