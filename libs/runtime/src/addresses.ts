/**
 * A text with every address in it cut to its scheme and host. A path names what a customer has, a query may be a signature, and
 * what stands before the host a password. Files of our own stay: a stack is read by them.
 */
export function hostsOnly(text: string): string {
  return text.replace(/(\w+:\/\/)(?:[^\s/?#"'`]*@)?([^\s/?#"'`]+)[^\s"'`]*/g, (url, scheme, host) =>
    scheme === "file://" ? url : `${scheme}${host}/…`,
  );
}
