import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { ProcessFailed, run } from "./process.ts";

const { signal } = new AbortController();
const here = { signal, cwd: tmpdir() };

test("a program's output is returned", async () => {
  assert.equal((await run("printf", ["%s-%s", "a b", "$HOME"], here)).toString(), "a b-$HOME");
});

test("output may go line by line to a function, or to a stream", async () => {
  const lines: string[] = [];
  await run("printf", ["one\\ntwo\\r\\nthree"], { ...here, stdout: (line) => lines.push(line) });
  assert.deepEqual(lines, ["one", "two", "three"]);

  const stream = new PassThrough();
  const [poured] = await Promise.all([text(stream), run("printf", ["poured"], { ...here, stdout: stream })]);
  assert.equal(poured, "poured");
});

test("a line that never ends does not fill our memory", async () => {
  const lines: string[] = [];
  await run("head", ["-c", "20000000", "/dev/zero"], { ...here, stdout: (line) => lines.push(line) });
  assert.deepEqual(
    lines.map(({ length }) => length),
    [4096],
  );
});

test("what is collected has a limit", async () => {
  await assert.rejects(run("head", ["-c", "5000", "/dev/zero"], { ...here, maxOutputBytes: 4000 }), ProcessFailed);
});

test("a program that fails is told with its code and its last words", async () => {
  const said: string[] = [];
  const failing = run("sh", ["-c", "echo first >&2; echo last >&2; exit 3"], {
    ...here,
    onStderrLine: (line) => said.push(line),
  });
  await assert.rejects(failing, (error) => {
    assert.ok(error instanceof ProcessFailed);
    assert.deepEqual([error.exitCode, error.killedBy, error.stderrTail], [3, null, ["first", "last"]]);
    assert.match(error.message, /sh ended with code 3: last/);
    return true;
  });
  assert.deepEqual(said, ["first", "last"]);
});

test("a program that is not there fails like any other", async () => {
  await assert.rejects(run("no-such-program", [], here), ProcessFailed);
});

test("a child sees none of our secrets", async () => {
  process.env.SECRET_KEY = "hush";
  const names = (await run("env", [], here))
    .toString()
    .split("\n")
    .map((line) => line.split("=")[0]);
  assert.deepEqual(names.filter((name) => name !== "").sort(), ["HOME", "LANG", "PATH"]);
});

test("lines on descriptor 3 come by a channel of their own", async () => {
  const lines: string[] = [];
  await run("sh", ["-c", "echo progress >&3; echo noise"], { ...here, onSideLine: (line) => lines.push(line) });
  assert.deepEqual(lines, ["progress"]);
});

test("aborting kills the program and its own children, and throws the reason", async () => {
  const aborting = new AbortController();
  const reason = new Error("cancelled");
  let grandchild = 0;
  const running = run("sh", ["-c", "sleep 600 & echo $!; wait"], {
    ...{ ...here, mayStart: true },
    signal: aborting.signal,
    stdout: (line) => {
      grandchild = Number(line);
      aborting.abort(reason);
    },
  });
  await assert.rejects(running, reason);
  await until(() => isGone(grandchild));
});

test("a listener that throws ends the program, not us", async () => {
  const stdout = () => {
    throw new Error("the listener's");
  };
  const running = run("sh", ["-c", "echo line; sleep 600"], { ...here, mayStart: true, stdout });
  await assert.rejects(running, (error) => error instanceof ProcessFailed && /the listener's/.test(String(error.cause)));
});

test("a program that takes too long is killed", async () => {
  const slow = run("sleep", ["600"], { ...here, timeoutMs: 50 });
  await assert.rejects(
    slow,
    (error) => error instanceof ProcessFailed && error.killedBy === "SIGKILL" && /took over 50 ms/.test(String(error.cause)),
  );
});

test("a program that wants too much memory does not get it", async () => {
  const wanting = (memoryBytes: number) =>
    run("dd", ["if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"], { ...here, memoryBytes });
  await wanting(400_000_000);
  await assert.rejects(wanting(100_000_000), (error) => error instanceof ProcessFailed && /memory exhausted/.test(error.message));
});

test("when we are killed with kill -9, our children die with us", async () => {
  const program = `
    import { run } from ${JSON.stringify(new URL("process.ts", import.meta.url).href)};
    const stdout = (line) => console.log(line);
    await run("sh", ["-c", "echo $$; exec sleep 600"], { signal: new AbortController().signal, cwd: "/tmp", stdout, mayStart: true });
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const child = Number(String(line));
  assert.equal(await isGone(child), false);

  parent.kill("SIGKILL");

  await until(() => isGone(child));
});

/** Gone, or dead and waiting to be buried. */
async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return status === undefined || /\) [ZX] /.test(status);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}
