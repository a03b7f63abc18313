import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { natsUser, startNats } from "./nats.ts";

const root = mkdtempSync(join(tmpdir(), "viralclaw-nats-"));
after(() => rmSync(root, { recursive: true }));

test("streams outlive a stop and a kill, on the same port", async () => {
  const dir = join(root, "restart");
  const first = await startNats({ dir });
  const nc = await connect({ servers: first.url });
  await addStream(nc, "KEPT");
  await jetstream(nc).publish("KEPT", "one");
  await nc.close();
  await first.stop();

  const second = await startNats({ dir, port: first.port });
  assert.equal(second.url, first.url);
  const again = await connect({ servers: second.url });
  await jetstream(again).publish("KEPT", "two");
  await again.close();
  process.kill(second.pid, "SIGKILL");
  await second.exited;

  await using third = await startNats({ dir });
  const last = await connect({ servers: third.url });
  const { state } = await (await jetstreamManager(last)).streams.info("KEPT");
  assert.equal(state.messages, 2);
  await last.close();
});

test("durable is the default, and is what the server runs with", async () => {
  for (const durable of [undefined, false]) {
    await using server = await startNats({ dir: join(root, `durable-${durable}`), durable });
    const jsz = await (await fetch(`${server.monitorUrl}/jsz?config=true`)).json();
    assert.equal(Boolean((jsz as { config: { sync_always?: boolean } }).config.sync_always), durable !== false);
  }
});

test("accounts do not see each other's streams, and nobody gets in without one", async () => {
  await using server = await startNats({ dir: join(root, "accounts"), durable: false, accounts: 12 });
  const [one, other] = [
    await connect({ servers: server.url, ...natsUser(0) }),
    await connect({ servers: server.url, ...natsUser(11) }),
  ];
  await addStream(one, "MINE");
  const names = async (nc: NatsConnection) => (await (await jetstreamManager(nc)).streams.names().next()).toSorted();
  assert.deepEqual([await names(one), await names(other)], [["MINE"], []]);
  await assert.rejects(connect({ servers: server.url }), /authorization/i);
  await Promise.all([one.close(), other.close()]);
});

test("a folder in use is refused, by the number of the process that uses it", async () => {
  const dir = join(root, "held");
  await using server = await startNats({ dir, durable: false });
  await assert.rejects(startNats({ dir }), new RegExp(`${server.pid}.*kill ${server.pid}`));
});

test("a server that is too old, or none, is refused with what to do", async () => {
  const old = join(root, "old-nats-server");
  writeFileSync(old, '#!/bin/sh\necho "nats-server: v2.10.27"\n');
  chmodSync(old, 0o755);
  const { NATS_SERVER_BIN: before } = process.env;
  try {
    process.env.NATS_SERVER_BIN = old;
    await assert.rejects(startNats({ dir: join(root, "unused") }), /2\.10\.27; 2\.14 or newer is needed\. Run "npm run setup"/);
    process.env.NATS_SERVER_BIN = join(root, "nothing");
    await assert.rejects(startNats({ dir: join(root, "unused") }), /No nats-server could be run .* Run "npm run setup"/);
  } finally {
    if (before === undefined) delete process.env.NATS_SERVER_BIN;
    else process.env.NATS_SERVER_BIN = before;
  }
});

async function addStream(nc: NatsConnection, name: string): Promise<void> {
  await (await jetstreamManager(nc)).streams.add({ name, subjects: [name], storage: StorageType.File });
}
