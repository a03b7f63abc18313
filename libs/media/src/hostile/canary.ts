import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { open, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A file and an address that nobody has any business with, and who has been there: for tests of what a stranger's file can reach. */
export interface Canary extends AsyncDisposable {
  file: string;
  /** Of a server that answers nobody: "http://127.0.0.1:…". */
  url: string;
  /** What has happened to them since the last time that was asked: "opened" for each opening of the file, "called" for each connection. */
  touched(): Promise<string[]>;
}

/** Puts a canary into a folder, under this name. */
export async function startCanary(dir: string, name = "canary.ts"): Promise<Canary> {
  const [file, bell] = [join(dir, name), join(dir, `${name}.bell`)];
  await Promise.all([file, bell].map((path) => writeFile(path, "a secret")));
  let events: string[] = [];

  const server = createServer((socket) => {
    events.push("called");
    socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");

  const watcher = spawn("perl", ["-e", watch, file, bell], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = linesOf(watcher);
  await lines.next();
  return {
    file,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async touched() {
      // The kernel tells of openings in their order: when the bell is heard, all that went before it has been.
      await (await open(bell)).close();
      for (let line = ""; line !== "bell"; line = (await lines.next()).value) if (line === "canary") events.push("opened");
      const seen = events;
      events = [];
      return seen;
    },
    async [Symbol.asyncDispose]() {
      watcher.kill();
      server.close();
    },
  };
}

function linesOf({ stdout }: ChildProcessByStdio<null, Readable, null>): AsyncIterator<string> {
  return createInterface(stdout)[Symbol.asyncIterator]();
}

/**
 * inotify(7), which Node has no word for: its fs.watch is silent about a file that is only read. The numbers are those of
 * inotify_init1 and inotify_add_watch on x64 and arm64; 0x20 is IN_OPEN; an event is 16 bytes for a file that is watched itself.
 */
const watch = `
  my ($init, $add) = ${process.arch === "arm64" ? "(26, 27)" : "(294, 254)"};
  $| = 1;
  my $queue = syscall($init, 0);
  my %name = map { syscall($add, $queue, $ARGV[$_] . "", 0x20) => ("canary", "bell")[$_] } 0, 1;
  print "ready\\n";
  open my $events, "<&=", $queue or die;
  while (sysread $events, my $event, 16) { print $name{unpack "l", $event}, "\\n" }
`;
