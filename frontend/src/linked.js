// Words of the server's that name a page of the console, `…, Name (/console/…)…`, with a link in its place.

/** `{ before, name, to, after }`; what names no page is all before. */
export function linked(words) {
  const found = /^(.*, )(.+?) \((\/console\/[^\s)]+)\)(.*)$/s.exec(words);
  if (!found) return { before: words };
  const [, before, name, to, after] = found;
  return { before, name, to, after };
}
