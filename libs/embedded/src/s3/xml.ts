/** An element: its name, and its text or its children. */
export type XmlElement = readonly [name: string, content: string | number | boolean | readonly XmlElement[]];

/** A whole document. S3's answers carry its namespace, its errors do not. */
export function xmlDocument(root: string, children: readonly XmlElement[], namespace: string | undefined = s3Namespace): string {
  const attribute = namespace ? ` xmlns="${namespace}"` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${children.map(write).join("")}</${root}>`;
}

/** The contents of every element called `name`, at any depth, as raw XML. Enough for S3's own documents, whose names do not nest in themselves. */
export function innerXml(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(([, content = ""]) => content);
}

/** The texts of every element called `name`. */
export function texts(xml: string, name: string): string[] {
  return innerXml(xml, name).map(unescapeText);
}

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

function write([name, content]: XmlElement): string {
  const inner = Array.isArray(content) ? content.map(write).join("") : escapeText(String(content));
  return `<${name}>${inner}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
  "\n": "&#10;",
};
const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function escapeText(text: string): string {
  return text.replace(/[&<>"\r\n]/g, (character) => entities[character] ?? character);
}

function unescapeText(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return characters[name.toLowerCase()] ?? whole;
      return String.fromCodePoint(hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal));
    },
  );
}
