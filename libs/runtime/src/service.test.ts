import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const fixture = fileURLToPath(new URL("./service.fixture.ts", import.meta.url));
type Line = { level: string; msg: string; err?: { message: string }; [field: string]: unknown };

test("an environment that is not complete ends the service with 2, naming what is missing", async () => {
  const { code, lines } = await start({}).ended;
  assert.equal(code, 2);
  assert.match(lines.at(-1)?.msg ?? "", /NEEDED: is not set/);
});

test("a service that cannot start ends with 1, and no URL with its secrets is logged", async () => {
  const { code, text } = await start({ NEEDED: "break" }).ended;
  assert.equal(code, 1);
  assert.match(text, /could not connect to https:/);
  assert.doesNotMatch(text, /sig=abc|user:secret/);
});

test("it tells that it lives, that it is ready, and its metrics; on SIGTERM it ends in order, with 0", async () => {
  const service = start({ NEEDED: "yes" });
  const { health_port } = await service.line("ready");
  const ask = (path: string) => fetch(`http://127.0.0.1:${health_port}${path}`);
  assert.equal((await ask("/health/live")).status, 200);
  assert.equal((await ask("/health/ready")).status, 200);
  assert.match(await (await ask("/metrics")).text(), /^# HELP /m);
  assert.equal((await ask("/other")).status, 404);
  service.kill();
  const { code, lines, text } = await service.ended;
  assert.equal(code, 0);
  const told = lines.map(({ msg }) => msg);
  assert.deepEqual(lines.find(({ msg }) => msg === "first ended")?.after, ["second"]);
  assert.ok(told.includes("could not be ended properly"));
  assert.doesNotMatch(text, /vk_live_secret|"abc"/);
});

test("a part that does not work makes it not ready, by name, while it still lives", async () => {
  const service = start({ NEEDED: "unready" });
  const { health_port } = await service.line("ready");
  const answer = await fetch(`http://127.0.0.1:${health_port}/health/ready`);
  assert.equal(answer.status, 503);
  assert.deepEqual(((await answer.json()) as { faults: object }).faults, { part: "is away" });
  assert.equal((await fetch(`http://127.0.0.1:${health_port}/health/live`)).status, 200);
  service.kill();
  await service.ended;
});

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ["--import", "@viralclaw/runtime/telemetry", fixture], {
    env: { PATH: process.env.PATH, ...env },
  });
  let text = "";
  const waiting: { msg: string; resolve: (line: Line) => void }[] = [];
  const linesOf = () =>
    text
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Line);
  const hear = (chunk: Buffer) => {
    text += chunk;
    if (!text.endsWith("\n")) return;
    for (const { msg, resolve } of waiting) {
      const line = linesOf().find((one) => one.msg === msg);
      if (line) resolve(line);
    }
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return {
    line: (msg: string) => new Promise<Line>((resolve) => waiting.push({ msg, resolve })),
    kill: () => child.kill("SIGTERM"),
    ended: new Promise<{ code: number | null; lines: Line[]; text: string }>((resolve) =>
      child.once("close", (code) => resolve({ code, lines: linesOf(), text })),
    ),
  };
}
