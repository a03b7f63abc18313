import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Customer, type Gateway, problemOf, startGateway } from "./gateway.fixture.ts";

const perAddress = 10;
/** The proxy in front of the gateway: this machine. */
const trustedProxies = ["127.0.0.1"];

let gateway: Gateway;
before(async () => {
  gateway = await startGateway({ perAddress, trustedProxies });
});
after(() => gateway[Symbol.asyncDispose]());

test("each key has its own rate, told in every answer; over it, Retry-After says when to come again", async () => {
  const customer = await gateway.newCustomer("slow@example.com", 3);
  const answers = [await from("203.0.113.1", customer), await from("203.0.113.2", customer), await from("203.0.113.3", customer)];
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")]),
    [
      [202, "3", "2"],
      [202, "3", "1"],
      [202, "3", "0"],
    ],
  );
  const refused = await from("203.0.113.4", customer);
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60);
  await problemOf(refused, 429, "too_many_requests");
});

test("an address may post ten a minute, whatever keys it uses", async () => {
  const one = await gateway.newCustomer("one@example.com");
  const two = await gateway.newCustomer("two@example.com");
  const statuses: number[] = [];
  for (let i = 0; i < perAddress + 2; i++) statuses.push((await from("198.51.100.7", i % 2 ? one : two)).status);
  assert.deepEqual(statuses, [...Array(perAddress).fill(202), 429, 429]);
  assert.equal((await from("198.51.100.8", one)).status, 202);
});

test("reading jobs is not limited", async () => {
  for (let i = 0; i < 3 * perAddress; i++) assert.equal((await gateway.get("/api/jobs")).status, 200);
});

test("an address that a client makes up is not believed where no proxy is trusted", async () => {
  await using open = await startGateway({ perAddress });
  const statuses: number[] = [];
  for (let i = 0; i < perAddress + 1; i++) statuses.push((await from(`192.0.2.${i}`, open.owner, open)).status);
  assert.equal(statuses.at(-1), 429);
});

test("two gateways share the count", async () => {
  const customer = await gateway.newCustomer("both@example.com", 4);
  await using second = await gateway.twin();
  const statuses: number[] = [];
  for (let i = 0; i < 6; i++) statuses.push((await from(`203.0.113.${100 + i}`, customer, i % 2 ? gateway : second)).status);
  assert.deepEqual(statuses, [202, 202, 202, 202, 429, 429]);
});

test("uploads have the same limits, and are counted apart from the videos", async () => {
  const customer = await gateway.newCustomer("uploader@example.com", 2);
  const begin = (address: string) =>
    fetch(`${gateway.url}/api/uploads`, {
      method: "POST",
      headers: { "x-api-key": customer.key, "x-forwarded-for": address, "content-type": "application/json" },
      body: '{"bytes":1000}',
    });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await begin(`203.0.113.${200 + i}`)).status);
  assert.deepEqual(statuses, [201, 201, 429]);
  assert.equal((await from("203.0.113.210", customer)).status, 202);
});

test("previews are counted apart, ten for each video that may be posted", async () => {
  const customer = await gateway.newCustomer("looker@example.com", 1);
  // Refused for its size, and counted all the same.
  const look = () =>
    fetch(`${gateway.url}/api/styles/hormozi/preview.png?size=1`, {
      headers: { "x-api-key": customer.key, "x-forwarded-for": "203.0.113.220" },
    });
  for (let i = 0; i < 10; i++) assert.equal((await look()).status, 400);
  await problemOf(await look(), 429, "too_many_requests");
  assert.equal((await from("203.0.113.220", customer)).status, 202);
});

function from(address: string, { key }: Customer, { url }: { url: string } = gateway): Promise<Response> {
  return fetch(`${url}/api/add-captions`, {
    method: "POST",
    headers: { "x-api-key": key, "x-forwarded-for": address, "content-type": "application/json" },
    body: JSON.stringify({ video_url: "https://example.com/v.mp4" }),
  });
}
