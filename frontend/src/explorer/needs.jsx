// The strip below the editor: which scopes the document needs, as it is written, and which of them are not selected.

import { useEffect, useState } from "react";

const LATER = 350; // milliseconds without a key after which the server is asked

export function Needs({ editor, post, held, add }) {
  const found = useNeeds(editor, post, held);
  return (
    <p className="needs" aria-live="polite">
      <Told found={found} add={add} />
    </p>
  );
}

function Told({ found, add }) {
  if (!found) return <span className="hint">Needs: nothing yet.</span>;
  if (found.errors) {
    const [{ message, locations }] = found.errors;
    const where = locations?.length ? ` (line ${locations[0].line})` : "";
    return <span className="hint">Not ready to run{where}: {message}</span>;
  }
  if (!found.scopes.length) {
    const lacks = found.missing.length > 0;
    return <span className="hint">Needs: {found.introspects ? `any scope of GraphQL${lacks ? " – none is selected" : ""}` : "no scope"}.</span>;
  }
  return (
    <>
      <span className="hint">Needs:</span>
      {found.scopes.map((scope) => (
        <Need key={scope} scope={scope} lacks={found.missing.includes(scope)} add={add} />
      ))}
    </>
  );
}

function Need({ scope, lacks, add }) {
  if (!lacks) {
    return (
      <span className="need">
        <code>{scope}</code> <span className="held" role="img" aria-label="selected">✓</span>
      </span>
    );
  }
  return (
    <span className="need lacks">
      <code>{scope}</code> – not {add ? "selected" : "held"}
      {add && (
        <button type="button" className="quiet small" aria-label={`Add ${scope}`} onClick={() => add([scope])}>
          Add
        </button>
      )}
    </span>
  );
}

/** What the server says of the document in the editor; null where there is none. */
function useNeeds(editor, post, held) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (!editor) return;
    let timer = 0;
    let asked = "";
    let gone = false;
    const ask = async () => {
      const query = editor.getValue();
      const operationName = editor.operationName ?? "";
      if (!query.replaceAll(/#.*/g, "").trim()) return setFound(null);
      const key = `${operationName}\n${query}`;
      if (key === asked) return;
      asked = key;
      const reply = await post("/console/explorer/needs", { scope: held, query, operationName });
      if (!gone && asked === key && reply.body && !reply.phase) setFound(reply.body);
    };
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, LATER);
    };
    editor.on("change", later);
    editor.on("cursorActivity", later); // which operation is meant follows the cursor
    ask();
    return () => {
      gone = true;
      clearTimeout(timer);
      editor.off("change", later);
      editor.off("cursorActivity", later);
    };
  }, [editor, held]);
  return found;
}
