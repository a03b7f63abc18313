export interface ListingQuery {
  prefix: string;
  /** Keys that go on after the prefix up to this are rolled into one common prefix. Empty: none are. */
  delimiter: string;
  /** Answer what comes after this key or common prefix. */
  after: string;
  max: number;
}

export interface Listing {
  keys: string[];
  commonPrefixes: string[];
  /** The last key or common prefix of this page if there are more: the next page's `after`. */
  next: string | undefined;
}

/** One page of a bucket's keys in S3's order, by their UTF-8 bytes. */
export function listKeys(keys: readonly string[], query: ListingQuery): Listing {
  const listing: Listing = { keys: [], commonPrefixes: [], next: undefined };
  if (query.max === 0) return listing;
  const wanted = keys.filter((key) => key.startsWith(query.prefix)).sort(byUtf8);
  let last = query.after;
  let count = 0;
  for (const key of wanted) {
    const rolled = rollUp(key, query);
    const entry = rolled ?? key;
    if (byUtf8(entry, last) <= 0) continue;
    if (count === query.max) return { ...listing, next: last };
    (rolled === undefined ? listing.keys : listing.commonPrefixes).push(entry);
    last = entry;
    count++;
  }
  return listing;
}

function rollUp(key: string, { prefix, delimiter }: ListingQuery): string | undefined {
  const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
