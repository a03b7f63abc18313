import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Guard } from "./confinement.ts";
import { type Canary, startCanary } from "./hostile/canary.ts";
import { limitOf, ProcessFailed, type RunOptions, run } from "./process.ts";
import { sandboxStatus } from "./sandbox.ts";
import { refusedCalls } from "./syscall-filter.ts";
import { temporaryFolder } from "./testing.ts";

/** Real programs that try what a decoder might try that a file has taken over. Where the machine refuses a guard, its tests are skipped. */

const { missing } = await sandboxStatus();
const needs = (guard: Guard) => ({ skip: missing[guard] ?? false });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
/** The job's folder, and beside it what is none of its business. */
let own: string;
let canary: Canary;

before(async () => {
  folder = await temporaryFolder();
  own = join(folder.dir, "job");
  await Promise.all([mkdir(own), mkdir(join(folder.dir, "other"))]);
  canary = await startCanary(join(folder.dir, "other"));
});
after(async () => {
  await canary[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const { signal } = new AbortController();
const guarded = (command: string, args: readonly string[], options: Partial<RunOptions> = {}) =>
  run(command, args, { signal, cwd: own, ...options }).then(String);
const inBash = (script: string, options: Partial<RunOptions> = {}) => guarded("bash", ["-c", script], options);

const refused = (attempt: Promise<unknown>, because: RegExp) =>
  assert.rejects(attempt, (error) => {
    assert.ok(error instanceof ProcessFailed, String(error));
    assert.match(error.stderrTail.join("\n"), because);
    return true;
  });
const reaches = (attempt: Promise<unknown>, limit: ReturnType<typeof limitOf>) =>
  assert.rejects(attempt, (error) => {
    assert.ok(error instanceof ProcessFailed, String(error));
    assert.equal(limitOf(error), limit, error.message);
    return true;
  });

describe("files", needs("files"), () => {
  it("given its own folder, then it reads and writes there", async () => {
    assert.equal(await inBash("echo mine > mine; read -r line < mine; echo $line"), "mine\n");
    assert.equal(await readFile(join(own, "mine"), "utf8"), "mine\n");
  });

  it("given a file of another job, of the system or of this process, then it can neither be read nor written", async () => {
    const elsewhere = [canary.file, "/etc/passwd", "/proc/self/environ", `/proc/${process.pid}/environ`, import.meta.filename];
    await canary.touched();
    for (const file of elsewhere) {
      await refused(guarded("cat", [file]), /Permission denied/);
      await refused(inBash(`echo changed >> ${file}`), /Permission denied/);
    }
    await refused(inBash(`echo made > ../other/made`), /Permission denied/);
    assert.deepEqual(await canary.touched(), []);
    assert.deepEqual((await readdir(join(folder.dir, "other"))).sort(), ["canary.ts", "canary.ts.bell"]);
  });

  it("given a link in its folder to a file outside, then it is not followed", async () => {
    await symlink(canary.file, join(own, "link"));
    await canary.touched();
    await refused(guarded("cat", ["link"]), /Permission denied/);
    assert.deepEqual(await canary.touched(), []);
  });

  it("given a wish for a link, a pipe or a moved file, which we might follow afterwards, then it is refused", async () => {
    await refused(guarded("ln", ["-s", "/etc/passwd", "captioned.mp4"]), /denied|not permitted/);
    await refused(guarded("ln", [canary.file, "captioned.mp4"]), /denied|not permitted|cross-device/);
    await refused(guarded("mkfifo", ["captioned.mp4"]), /denied|not permitted/);
    await refused(guarded("mv", ["-n", "link", "../other/"]), /denied|not permitted/);
  });

  it("given nothing to write, then it can read only", async () => {
    await writeFile(join(own, "source"), "whole");
    const readOnly = { reads: [own], writes: [] };
    assert.equal(await guarded("cat", ["source"], readOnly), "whole");
    await refused(guarded("truncate", ["-s", "0", "source"], readOnly), /denied/);
    await refused(guarded("rm", ["-f", "source"], readOnly), /denied/);
    await refused(guarded("touch", ["new"], readOnly), /denied/);
  });

  it("given a folder that cannot be allowed, because it is not there, then the program does not run at all", async () => {
    await refused(inBash("echo ran > ran", { writes: [own, join(folder.dir, "nowhere")] }), /confine: files: .*No such file/);
    await assert.rejects(stat(join(own, "ran")));
  });

  it("given another program, then it cannot be started", async () => {
    await refused(inBash("exec /bin/cat /dev/null"), /cat/);
    await refused(inBash("exec ./mine"), /mine/);
    assert.equal(await inBash("exec /bin/echo started", { mayStart: true }), "started\n");
  });
});

describe("calls", needs("calls"), () => {
  it("given a server that listens, then it cannot be called", async () => {
    const { port } = new URL(canary.url);
    await canary.touched();
    for (const kind of ["tcp", "udp"]) await refused(inBash(`echo hello > /dev/${kind}/127.0.0.1/${port}`), /not permitted/);
    assert.deepEqual(await canary.touched(), []);
  });

  it("given a socket of this machine in its own folder, such as a database's, then it cannot be called either", async () => {
    let calls = 0;
    await using server = createServer(() => calls++).listen(join(own, "db.sock"));
    const call = 'use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0) && connect(S, sockaddr_un("db.sock")) or die "$!\\n"';
    await refused(guarded("perl", ["-e", call]), /not permitted/);
    assert.ok(server.listening);
    assert.equal(calls, 0);
  });

  it("given a wish for a process of its own, then it gets none; threads it gets", async () => {
    await refused(inBash("(echo child)"), /fork/);
    await refused(guarded("perl", ["-e", 'defined(fork) or die "$!\\n"']), /not permitted/);
    const threaded = ["-v", "error", "-filter_complex_threads", "4", "-f", "lavfi", "-i", "testsrc2=s=64x64:d=1"];
    await guarded("ffmpeg", [...threaded, "-threads", "4", "-f", "null", "-"]);
  });

  it("given this process, then it can neither be ended nor looked into", async () => {
    await refused(inBash(`kill -9 ${process.pid}`), /not permitted/);
    await refused(guarded("prlimit", ["--pid", `${process.pid}`, "--nofile=1"]), /not permitted/);
  });

  it("given each of the calls that are refused, then the kernel says so", needs("privileges"), async () => {
    const here = process.arch === "arm64" ? "arm64" : "x64";
    const calls = Object.values(refusedCalls).flat();
    const numbers = calls.flatMap(({ [here]: number }) => number ?? []);
    const answers = await guarded("perl", [
      "-e",
      'for (@ARGV) { $! = 0; syscall($_ + 0, 0, 0, 0, 0, 0, 0); print $! + 0, "\\n" }',
      ...numbers.map(String),
    ]);
    const notPermitted = 1;
    assert.deepEqual(
      answers.trim().split("\n").map(Number),
      numbers.map(() => notPermitted),
    );
    assert.ok(numbers.length > 80);
  });
});

describe("limits", needs("limits"), () => {
  it("given a file that grows beyond what it may, then the program ends, and the file is no larger", async () => {
    await reaches(guarded("dd", ["if=/dev/zero", "of=big", "bs=100k", "count=100"], { fileBytes: 1_000_000 }), "size");
    assert.ok((await stat(join(own, "big"))).size <= 1_000_000);
  });

  it("given work without end, then the program ends when its time is used up", async () => {
    await reaches(inBash("while :; do :; done", { cpuSeconds: 1 }), "time");
  });

  it("given more memory than it may have, then it does not get it", async () => {
    await reaches(guarded("dd", ["if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"], { memoryBytes: 100_000_000 }), "memory");
  });

  it("given more files than it may have open, then it does not get them", async () => {
    await refused(
      inBash('for i in {10..400}; do eval "exec $i</dev/null" || exit 1; done'),
      /Too many open files|256: Bad file descriptor/,
    );
  });

  it("given a crash, then it is told as one, and leaves no core behind", async () => {
    await reaches(guarded("perl", ["-e", 'unpack("p", pack("Q", 1))']), "crash");
    assert.deepEqual(
      (await readdir(own)).filter((name) => name.startsWith("core")),
      [],
    );
  });
});

describe("privileges", needs("privileges"), () => {
  it("given any user, then it has no capabilities, and no way to any", async () => {
    const status = await guarded("cat", ["/proc/self/status"], { reads: ["/proc"] });
    const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1];
    assert.deepEqual(["CapInh", "CapPrm", "CapEff", "CapAmb"].map(field), Array(4).fill("0000000000000000"));
    assert.equal(field("NoNewPrivs"), "1");
  });
});
