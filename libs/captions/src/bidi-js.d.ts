/** The package has no types of its own; what is used of it. */
declare module "bidi-js" {
  // biome-ignore lint/style/noDefaultExport: it is the package's own
  export default function bidiFactory(): {
    getEmbeddingLevels(text: string, direction?: "ltr" | "rtl" | "auto"): { levels: Uint8Array };
  };
}
