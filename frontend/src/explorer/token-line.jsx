// Which token is in use: its id, how many scopes it has, when it ends; and a way to be rid of it.

import { useState } from "react";

const timeOf = (end) => new Date(end).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export function TokenLine({ pass, state, renewed, runAgain }) {
  const [busy, setBusy] = useState(false);
  const revoke = async () => {
    setBusy(true);
    await pass.revoke();
    setBusy(false);
  };
  if (state.phase === "held") return <Held state={state} revoke={revoke} busy={busy} />;
  if (state.phase === "asking") return <p className="token-line hint">A token is being made.</p>;
  if (state.phase === "over") return <p className="token-line hint">The token has ended while you were away. Running a document makes another.</p>;
  if (state.phase !== "revoked") return null;
  return (
    <div className="note change explorer-notice" role="alert">
      <p>
        <strong>{state.by === "you" ? "You revoked the token." : "Somebody revoked this page’s token."}</strong>{" "}
        {state.by !== "you" && "Or newer pages of yours took its place. "}
        Nothing runs until there is another. It was <Id id={state.id} />.
      </p>
      <button type="button" className="main small" onClick={state.by === "you" ? renewed : runAgain}>
        {state.by === "you" ? "Get a new token" : "Get a new token and run again"}
      </button>
    </div>
  );
}

function Held({ state, revoke, busy }) {
  const scopes = state.scope.split(" ");
  return (
    <div className="token-line">
      <p>
        <span className="light on">Token</span> <Id id={state.id} /> with{" "}
        <span title={state.scope}>{scopes.length === 1 ? <code>{scopes[0]}</code> : `${scopes.length} scopes`}</span>, until{" "}
        <span className="until">{timeOf(state.end)}</span>
        <span className="hint">
          . Only this page has it; it is renewed while you work.
          {state.leftOut.length > 0 && ` Left out: ${state.leftOut.join(", ")}, which open nothing in the API.`}
        </span>
      </p>
      <button type="button" className="text" onClick={revoke} disabled={busy}>
        Revoke now
      </button>
    </div>
  );
}

function Id({ id }) {
  return (
    <a href={`/console/tokens/${id}`}>
      <code>{id}</code>
    </a>
  );
}
