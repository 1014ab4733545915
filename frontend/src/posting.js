// Errands to the console: forms, as the door takes them, answered in JSON or by a page. Whatever comes, it is told in words.

const AWAY = "The server cannot be reached just now. Nothing is lost: try again.";
const ENDED = "Your session has ended.";
const FAILED = "The server could not do that just now. Try again.";

/** `post(path, fields)` with the proof of this page: `{ status, body }`, and `{ phase, words }` where it failed. */
export function poster({ proofName, proof }) {
  return async (path, fields) => {
    let reply;
    try {
      reply = await fetch(path, { method: "POST", body: new URLSearchParams({ [proofName]: proof, ...fields }) });
    } catch {
      return { phase: "unreachable", words: AWAY };
    }
    if (reply.redirected && new URL(reply.url).pathname === "/login") return { phase: "ended", words: ENDED };
    const json = reply.headers.get("content-type")?.includes("json");
    const body = json ? await reply.json().catch(() => null) : null;
    if (json && body) return { status: reply.status, body, words: body.error_description ?? FAILED, ...unfit(reply, body) };
    if (reply.ok) return { status: reply.status, body: null };
    return { phase: "unreachable", words: FAILED };
  };
}

function unfit(reply, body) {
  if (!body.error) return {};
  if (reply.status === 422) return { phase: "unfit" };
  return { phase: reply.status === 403 ? "denied" : "unreachable" };
}
