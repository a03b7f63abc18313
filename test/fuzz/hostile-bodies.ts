import type { Dice } from "./dice.ts";
import { type Wired, withHeader } from "./wired.ts";

/** Over the limit of a JSON body, 64 kB. */
const tooMuch = 80 * 1024;

/** Requests with hostile bodies. Whatever has no body to do it with gets one, or stays as it is. */
export const hostileBodies: Record<string, (request: Wired, dice: Dice) => Wired> = {
  "another content type": (request, dice) =>
    withHeader(
      { ...request, body: request.body ?? Buffer.from("{}") },
      "content-type",
      dice.pick([
        ...["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/octet-stream", "multipart/mixed"],
        ...["", "json", "application/json; charset=utf-7", "application/json, text/plain", "APPLICATION/JSON", "*/*", "a/b/c"],
        ...[
          "application/json\t;;;=",
          "multipart/form-data",
          "multipart/form-data; boundary=",
          "application/problem+json",
          "\xff/\xfe",
        ],
      ]),
    ),
  "a body that is no JSON": (request, dice) =>
    withBody(
      withHeader(request, "content-type", "application/json"),
      dice.pick([
        ...[
          "",
          " ",
          "{",
          "}",
          "nul",
          "{'a':1}",
          '{"a":1,}',
          "[]",
          "null",
          '"text"',
          "1",
          "true",
          '{"a":1}{"b":2}',
          "\ufeff{}",
          "\0",
        ],
        ...['{"a":\u0001}', '{"a":"\\ud800"}', '{"a":1e400}', "[".repeat(30_000), '{"a":'.repeat(10_000), "\x80\xff\xfe"],
      ]),
    ),
  "duplicate and prototype keys": (request, dice) => {
    const text = request.body?.toString("latin1") ?? "{}";
    const more = dice.pick([
      '"__proto__":{"admin":true}',
      '"constructor":{"prototype":{"a":1}}',
      '"video_url":1,"video_url":2',
      '"":1',
    ]);
    return withBody(withHeader(request, "content-type", "application/json"), text.replace(/^\{(?=.)/, `{${more},`));
  },
  "deeper than any stack": (request, dice) => {
    const depth = dice.pick([2_000, 9_000]);
    const [open, close] = dice.pick([
      ['{"a":', "}"],
      ["[", "]"],
    ] as const);
    const fields = request.body?.toString("latin1").replace(/^\{(?=.)|\}$/g, "") ?? "";
    const deep = `"metadata":{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;
    return withBody(withHeader(request, "content-type", "application/json"), `{${[fields, deep].filter(Boolean).join(",")}}`);
  },
  "bytes turned over": (request, dice) => {
    if (!request.body?.length) return request;
    const body = Buffer.from(request.body);
    for (let flips = 1 + dice.int(5); flips > 0; flips--) {
      const at = dice.int(body.length);
      body.writeUInt8(body.readUInt8(at) ^ (1 << dice.int(8)), at);
    }
    return { ...request, body };
  },
  "a body cut off": (request, dice) => {
    const body = request.body ?? Buffer.from('{"a":1}');
    return {
      ...withHeader(request, "content-length", String(body.length)),
      body: body.subarray(0, dice.int(body.length)),
      cutOff: true,
    };
  },
  "a form cut off": (request, dice) => ({ ...request, body: request.body?.subarray(0, dice.int(request.body.length + 1)) }),
  "a form of another kind": (request, dice) => {
    const part = (disposition: string, content = "x") => `--b\r\n${disposition}\r\n\r\n${content}\r\n`;
    const named = (name: string) => `content-disposition: form-data; name=${name}`;
    const form = dice.pick([
      ...[
        `${part(named('"file"; filename="a"'))}--b--`,
        part(named('"file"; filename="a"')).repeat(3),
        "--b--\r\n",
        "--b\r\n\r\n",
      ],
      ...[
        part(named('"style"')).repeat(200),
        part(named('"__proto__"')),
        part(named("")),
        part("x: y"),
        part(""),
        "no form at all",
      ],
      ...[
        part(named(`"${"n".repeat(5000)}"`)),
        part(named('"style"'), "x".repeat(tooMuch)),
        part(`${"h: v\r\n".repeat(3000)}h: v`),
      ],
      ...[
        part(named('"file"; filename="../../etc/passwd\0"')),
        part(named('"file"')),
        part(named("\"file\"; filename*=UTF-8''%ff")),
      ],
      ...[
        part(`${named('"style"')}\r\ncontent-transfer-encoding: base64`),
        part(named('"a[b][c]"')),
        part(named('"file"; filename=""')),
      ],
    ]);
    const type = dice.pick([
      "multipart/form-data; boundary=b",
      'multipart/form-data; boundary="b"',
      "multipart/form-data; boundary=c",
    ]);
    return withBody(withHeader(request, "content-type", type), `${form}${dice.chance(0.5) ? "--b--\r\n" : ""}`);
  },
};

const withBody = (request: Wired, text: string): Wired => ({ ...request, body: Buffer.from(text, "latin1") });
