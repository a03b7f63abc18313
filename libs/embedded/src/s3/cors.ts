import { innerXml, texts } from "./xml.ts";

/**
 * The headers that let a page of `origin` read the answer to `method`, after the first of the bucket's CORS rules that
 * allows both; undefined if none does.
 */
export function corsHeaders(
  rulesXml: string,
  origin: string,
  method: string,
  requestedHeaders: string | undefined,
): Record<string, string> | undefined {
  const rule = innerXml(rulesXml, "CORSRule").find(
    (one) =>
      texts(one, "AllowedOrigin").some((allowed) => matches(allowed, origin)) && texts(one, "AllowedMethod").includes(method),
  );
  if (rule === undefined) return undefined;
  const wanted = (requestedHeaders ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const allowed = texts(rule, "AllowedHeader").map((name) => name.toLowerCase());
  if (!wanted.every((name) => allowed.some((pattern) => matches(pattern, name)))) return undefined;
  const exposed = texts(rule, "ExposeHeader");
  const [maxAge] = texts(rule, "MaxAgeSeconds");
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": texts(rule, "AllowedMethod").join(", "),
    ...(wanted.length > 0 ? { "access-control-allow-headers": wanted.join(", ") } : {}),
    ...(exposed.length > 0 ? { "access-control-expose-headers": exposed.join(", ") } : {}),
    ...(maxAge === undefined ? {} : { "access-control-max-age": maxAge }),
    vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
  };
}

/** A pattern may hold one `*`, which stands for anything. */
function matches(pattern: string, text: string): boolean {
  const [before = "", after] = pattern.split("*", 2);
  if (after === undefined) return pattern === text;
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
