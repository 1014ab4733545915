// A document in a link. Scopes are in the query string (`?scope=`), the document is in the fragment, which no browser
// sends and no log has: `#query=…&variables=…&operation=…`, each encoded by encodeURIComponent. Never headers, never a
// token. The documentation's examples link here in the same way.

/** What the fragment of this address brings: `{ query, variables, operation }`, or null. */
export function broughtBy(hash) {
  const fields = new URLSearchParams(hash.slice(1).replaceAll("+", "%2B"));
  const query = fields.get("query");
  return query ? { query, variables: fields.get("variables") ?? "", operation: fields.get("operation") ?? "" } : null;
}

/** The address that brings this document. */
export function linkTo(scope, { query, variables, operation }) {
  const here = new URL("/console/graphql", location.href);
  const told = Object.entries({ query, variables, operation }).filter(([, text]) => text?.trim());
  here.hash = told.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join("&");
  return `${here.origin}${here.pathname}?scope=${encodeURIComponent(scope)}${here.hash}`;
}
