// How a document is run: at the API, with the page's token; or, in a view, by the console, with what somebody else could
// read.

import { NoToken } from "../token.js";

/** The API did not answer. */
class Away extends Error {}

const NAME = /^[_A-Za-z]\w*$/; // of an operation: a link can bring any text in its place
const said = (message) => ({ errors: [{ message }] });
const NOTHING = said("There is nothing to run yet. Ctrl-Space says what may stand at the cursor.");

/** Ours are left out where the document brings its own: whoever types an Authorization header means it. */
function headersOf(typed) {
  const theirs = Object.fromEntries(Object.entries(typed ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]));
  return { ...theirs, "content-type": "application/json" };
}

/** GraphiQL notes a moment late which operations a document has: whoever pastes one and runs it at once would name one of
 *  before. */
function fitting(params) {
  const { query, operationName: name } = params;
  const there = !name || (NAME.test(name) && new RegExp(`\\b(query|mutation)\\s+${name}\\b`).test(query));
  return there ? params : { ...params, operationName: undefined };
}

/** What is run: what is written, or the first document where that is only about to be. */
async function written(params, first) {
  return params.query.trim() ? fitting(params) : { ...params, query: await first.wait() };
}

/** GraphiQL's fetcher at the API. `told` hears of each answer: `{ missing, own, params }`. */
export function apiFetcher(pass, first, doubt, told) {
  return async (asked, { headers: typed } = {}) => {
    const params = await written(asked, first);
    if (!params.query) return NOTHING;
    if (!doubt.settled(params)) return said("Not run: a link has brought it, and it changes the live system.");
    const headers = headersOf(typed);
    const own = !("authorization" in headers);
    try {
      let token = own ? await pass.token() : null;
      let reply = await call(params, headers, token);
      if (own && reply.status === 401) {
        token = await pass.refused(token);
        if (token) reply = await call(params, headers, token);
      }
      return await read(reply, (body) => told({ missing: missingOf(reply, body), own, params }));
    } catch (error) {
      if (error instanceof NoToken || error instanceof Away) return said(error.message);
      throw error;
    }
  };
}

/** GraphiQL's fetcher in a view. */
export function viewFetcher(post, { scope, client, person }, first, told) {
  return async (asked) => {
    const params = await written(asked, first);
    if (!params.query) return NOTHING;
    const fields = {
      scope,
      client: client ?? "",
      user: person ?? "",
      query: params.query,
      variables: params.variables ? JSON.stringify(params.variables) : "",
      operationName: params.operationName ?? "",
    };
    const reply = await post("/console/explorer/look", fields);
    if (!reply.body) {
      told({ missing: [], own: false, params, ended: reply.phase === "ended" });
      return said(reply.words ?? "The server did not say anything that can be shown.");
    }
    const missing = reply.body.errors?.flatMap((each) => each.extensions?.missing ?? []) ?? [];
    told({ missing, own: false, params });
    return reply.body;
  };
}

async function call(params, headers, token) {
  const given = token ? { ...headers, authorization: `Bearer ${token}` } : headers;
  try {
    // No cookies: the token alone says what may be done.
    return await fetch("/api/graphql", { method: "POST", headers: given, body: JSON.stringify(params), credentials: "omit" });
  } catch (error) {
    if (error instanceof TypeError && !navigator.onLine) throw new Away("This computer is offline.");
    throw new Away("The server cannot be reached just now, or a header that you typed cannot be sent. Try again.");
  }
}

async function read(reply, heard) {
  const text = await reply.text();
  try {
    const body = JSON.parse(text);
    heard(body);
    return body;
  } catch {
    return said(`The server answered ${reply.status}, and nothing that can be shown.`);
  }
}

function missingOf(reply, body) {
  return reply.status === 403 ? (body.errors?.flatMap((each) => each.extensions?.missing ?? []) ?? []) : [];
}
