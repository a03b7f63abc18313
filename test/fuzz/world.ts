import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { exchange } from "@viralclaw/embedded/wire";
import { spokenVideo } from "../media.ts";
import type { Product } from "../product.ts";
import { diceOf } from "./dice.ts";
import type { ApiDocument } from "./document.ts";
import { validDraft, type World } from "./draft.ts";
import { bytesOf, wired } from "./wired.ts";

/** Every operation is asked this often, validly, so that what it answers may be asked for. */
const rounds = 3;
const answerWithinMs = 20_000;

/**
 * Something to ask for: a job that is done, one that failed, what every operation answers to a valid request, and a server
 * whose addresses may be named. It has no videos: what is accepted in thousands has to end soon.
 */
export async function openWorld(product: Product, document: ApiDocument): Promise<World & AsyncDisposable> {
  const web = createServer((_, response) => response.writeHead(404).end());
  await once(web.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const known = new Set<string>();
  const ids = new Set<string>();
  const world = {
    schemaAt: document.schemaAt,
    urls: [1, 2, 3].map((n) => `${origin}/${n}.mp4`),
    known: [] as string[],
    ids: [] as string[],
  };
  const video = await spokenVideo(join(product.dir, "fuzz.mp4"), { width: 160, height: 284 });
  for (const posted of [product.client.postFile(video, { language: "en" }), product.client.postUrl(`${origin}/0.mp4`)])
    known.add((await product.client.ended(await posted)).job_id);
  world.known = [...known];

  for (let round = 0; round < rounds; round++) {
    for (const [index, operation] of document.operations.entries()) {
      const dice = diceOf(round * 1000 + index);
      const request = wired(validDraft(operation, world, dice), product.client.key, dice);
      const { answers } = await exchange(product.url, [bytesOf(request, new URL(product.url).host)], {
        withinMs: answerWithinMs,
      });
      if (answers[0]?.headers["content-type"]?.startsWith("application/json")) {
        for (const [name, text] of textsIn(JSON.parse(answers[0].body.toString("utf8")))) {
          known.add(text);
          if (name === "id") ids.add(text);
        }
        Object.assign(world, { known: [...known], ids: [...ids] });
      }
    }
  }
  return {
    ...world,
    async [Symbol.asyncDispose]() {
      web.closeAllConnections();
      web.close();
    },
  };
}

/** Every text in an answer, with the name of the member that it is in. */
function textsIn(value: unknown, name = ""): [name: string, text: string][] {
  if (typeof value === "string") return [[name, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => textsIn(member, Array.isArray(value) ? name : key));
}
