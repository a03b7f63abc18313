import type { Dice } from "./dice.ts";
import { type Wired, withHeader } from "./wired.ts";

/** Requests whose headers, addresses or methods are hostile. */
export const hostileRequests: Record<string, (request: Wired, dice: Dice) => Wired> = {
  headers: (request, dice) =>
    withHeader(
      request,
      ...dice.pick<[string, string]>(
        [
          ...([
            ["x-api-key", ""],
            ["x-api-key", "vk_live_x"],
            ["x-api-key", "\xff".repeat(50)],
            ["x-api-key", "x".repeat(9000)],
          ] as const),
          ...([
            ["accept", "text/html"],
            ["accept-encoding", "gzip;q=x"],
            ["expect", "100-continue"],
            ["expect", "200-ok"],
          ] as const),
          ...([
            ["x-forwarded-for", "127.0.0.1, x'"],
            ["forwarded", "for=1"],
            ["x-http-method-override", "DELETE"],
          ] as const),
          ...([
            ["content-encoding", "gzip"],
            ["upgrade", "websocket"],
            ["upgrade", "h2c"],
            ["range", "bytes=9-1"],
            ["te", "x"],
          ] as const),
          ...([
            ["idempotency-key", ""],
            ["idempotency-key", "x".repeat(300)],
            ["idempotency-key", "\xe9"],
            ["if-match", "*"],
          ] as const),
          ...([
            ["traceparent", "00-0-0-0"],
            ["tracestate", "x".repeat(600)],
            ["baggage", "=,=;"],
            ["cookie", "a=b; __proto__=c"],
          ] as const),
          ...([
            ["host", ""],
            ["host", "evil.example"],
            ["host", "a b"],
            ["origin", "null"],
            ["x", "y".repeat(20_000)],
          ] as const),
        ].map(([name, value]): [string, string] => [name, value]),
      ),
    ),
  "headers of a smuggler": (request, dice) => ({
    ...request,
    headers: [
      ...request.headers,
      ...dice.pick<Wired["headers"]>([
        [
          ["content-length", "5"],
          ["content-length", "6"],
        ],
        [["content-length", "-1"]],
        [["content-length", "1e3"]],
        [["content-length", "99999999999999999999"]],
        [
          ["transfer-encoding", "chunked"],
          ["content-length", "3"],
        ],
        [["transfer-encoding", "gzip"]],
        [["transfer-encoding", "chunked, chunked"]],
        [["bad name", "x"]],
        [["a", "b\r\n c"]],
        [["a", "b\nc: d"]],
        [["", "x"]],
        [["a", "\0"]],
        ...[100, 3000].map((count) => Array.from({ length: count }, (_, i): [string, string] => [`x-${i}`, "y"])),
      ]),
    ],
    cutOff: true,
  }),
  path: (request, dice) => {
    const [path = "/", query] = request.target.split("?");
    const changed = dice.pick([
      ...[`${path}/`, `/${path}`, `${path}//`, path.toUpperCase(), `${path}%00`, `${path}%2f`, `${path}/..`, `${path}/../..`],
      ...[
        `${path};a=b`,
        `${path}%`,
        `${path}%zz`,
        `${path}%ff`,
        `${path}\\..`,
        `${path}.json`,
        "/api/%2e%2e/health",
        "*",
        "/%2e",
      ],
      ...[path.replace(/\/(\w)/, "/%2f$1"), path.replace(/\/[^/]+$/, "/"), path.replace(/\/[^/]+$/, `/${"x".repeat(9000)}`)],
      ...[path.replace(/\/[^/]+$/, `/${"%61".repeat(200)}`), `http://evil.example${path}`, `${path}#x`, "/../../etc/passwd", ""],
      ...["/api/jobs/__proto__", "/api/jobs/constructor/cancel", "/api/jobs/job_", "/docs/../api/jobs", "/metrics", "/.env"],
    ]);
    return { ...request, target: query ? `${changed}?${query}` : changed };
  },
  query: (request, dice) => {
    const more = dice.pick([
      ...[
        "wait=1&wait=2",
        "limit[]=1",
        "limit[a]=1",
        "__proto__[a]=1",
        "constructor=1",
        "limit=1;limit=2",
        "&&&",
        "=",
        "?",
        "%",
        "%ff",
      ],
      ...[
        "cursor=%00",
        "cursor=bnVsbA",
        `cursor=${"x".repeat(200)}`,
        "status=__proto__",
        "wait=-1",
        "wait=1e1",
        "limit=0x1",
        "a=\\",
      ],
      ...[`q=${"x".repeat(12_000)}`, Array.from({ length: 2000 }, (_, i) => `a${i}=`).join("&"), "wait=%EF%BC%91", "limit=%2b1"],
    ]);
    return { ...request, target: `${request.target}${request.target.includes("?") ? "&" : "?"}${more}` };
  },
  method: (request, dice) => ({
    ...request,
    method: dice.pick([
      "HEAD",
      "PUT",
      "DELETE",
      "PATCH",
      "OPTIONS",
      "TRACE",
      "GET",
      "POST",
      "PROPFIND",
      "QUERY",
      "get",
      "FOO",
      "G T",
    ]),
  }),
  "no key": (request) => ({ ...request, headers: request.headers.filter(([name]) => name !== "x-api-key") }),
};
