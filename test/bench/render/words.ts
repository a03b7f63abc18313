export interface Word {
  text: string;
  start_ms: number;
  end_ms: number;
}

/** Two and a half words a second without a pause, as people talk in shorts; `edited` takes the place of one in the middle. */
export function said(seconds: number, edited?: string): Word[] {
  const text = "nobody tells you this but the first three seconds decide whether people stay and watch your video".split(" ");
  const count = Math.floor(seconds * 2.5);
  return Array.from({ length: count }, (_, index) => ({
    text: edited && index === Math.floor(count / 2) ? edited : (text[index % text.length] ?? ""),
    ...{ start_ms: index * 400, end_ms: index * 400 + 400 },
  }));
}
