/**
 * The S3 server as a program of its own: `node main.ts --dir DIR [--port N] [--bucket NAME]... [--public-read]`, with its
 * key pair in S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY. Prints its URL. Started with a message channel, it also reports
 * there, takes faults from there, and ends when the other end does.
 */
import { parseArgs } from "node:util";
import type { FromChild, ToChild } from "./process.ts";
import { startS3 } from "./server.ts";

const { values } = parseArgs({
  options: {
    dir: { type: "string" },
    port: { type: "string" },
    bucket: { type: "string", multiple: true },
    "public-read": { type: "boolean" },
  },
});
const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
if (!values.dir || !accessKeyId || !secretAccessKey) {
  console.error("--dir, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are needed.");
  process.exit(2);
}

const server = await startS3({
  dir: values.dir,
  port: values.port === undefined ? undefined : Number(values.port),
  buckets: values.bucket,
  publicRead: values["public-read"],
  accessKeyId,
  secretAccessKey,
});
console.log(server.url);

const report = (message: FromChild) => process.send?.(message);
const end = () => void server.stop().then(() => process.exit(0));
process.once("SIGTERM", end);
process.once("SIGINT", end);
process.once("disconnect", end);
process.on("message", async (message: ToChild) => {
  if (message.ask === "fail") await server.fail(message.fault);
  if (message.ask === "heal") await server.heal();
  report({ done: message.id, met: await server.met() });
});
report({ ready: { url: server.url, port: server.port } });
