// What went wrong, in words, and what to do about it.

import { linked } from "../linked.js";

/** The session is over: what was written stays in this browser. */
export function Ended() {
  const here = location.pathname + location.search;
  return (
    <div className="note bad explorer-notice" role="alert">
      <p>
        <strong>Your session has ended.</strong> Sign in again and come back: what you have written is still here.
      </p>
      <a className="button small" href={`/login?next=${encodeURIComponent(here)}`}>
        Sign in
      </a>
    </div>
  );
}

/** There is no token, or none that opens GraphQL. */
export function Trouble({ state, scopes, readable }) {
  if (state.unknown?.length) return null; // they are left out, and told of at the box
  if (state.phase === "denied" || state.phase === "unreachable" || state.phase === "unfit") {
    return (
      <div className="note bad explorer-notice" role="alert">
        <p>
          <strong>No token could be made.</strong> <Words text={state.words} />
        </p>
        <button type="button" className="quiet small" onClick={() => scopes.apply(scopes.text)}>
          Try again
        </button>
      </div>
    );
  }
  const words = scopes.text.split(" ");
  if (words.some((word) => word === "gql" || word.startsWith("gql:"))) return null;
  return (
    <div className="note change explorer-notice" role="status">
      <p>
        <strong>None of these scopes is of GraphQL</strong>, so there is no schema to show. Select one that begins with{" "}
        <code>gql:</code>
      </p>
      <button type="button" className="quiet small" onClick={() => scopes.add(readable.split(" "))}>
        Add all that read
      </button>
    </div>
  );
}

function Words({ text }) {
  const { before, name, to, after } = linked(text ?? "");
  return (
    <>
      {before}
      {to && <a href={to}>{name}</a>}
      {after}
    </>
  );
}

const inView = (element) => element?.scrollIntoView({ block: "nearest" }); // narrow, it is far below the button

/** The document wants more than is held. */
export function Denied({ denied, addable, act, away }) {
  const names = denied.missing.map((scope, index) => (
    <span key={scope}>
      {index > 0 && ", "}
      <code>{scope}</code>
    </span>
  ));
  return (
    <div className="note change explorer-notice" role="alert" ref={inView}>
      <p>
        <strong>
          Denied: {addable ? "the token lacks" : "what this ran with lacks"} {names}.
        </strong>{" "}
        Nothing was run.
      </p>
      <span className="acts">
        {addable && (
          <button type="button" className="main small" onClick={act}>
            Add and run again
          </button>
        )}
        <button type="button" className="quiet small" onClick={away}>
          Dismiss
        </button>
      </span>
    </div>
  );
}
