/** Of something in this API: whole where it is known how customers reach it, else a path. */
export const addressOf = (path: string, { publicUrl = "" }: { publicUrl?: string }) => publicUrl.replace(/\/$/, "") + path;
