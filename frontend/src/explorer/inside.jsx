// What works with GraphiQL's own state: the strip of needs below it, the acts above it, and what is mended in it.

import { useHistory, useHistoryActions } from "@graphiql/plugin-history";
import { useEditorContext, useExecutionContext, useSchemaStore } from "@graphiql/react";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

import { say } from "../say.js";
import { firstOf } from "./first.js";
import { useMendedTree, useNamedEditors } from "./mended.js";
import { Needs } from "./needs.jsx";
import { linkTo } from "./shared.js";

const IN_IT = "In the link: scopes, document, variables. Never headers, never a token.";
const SHOWN = 8000; // milliseconds that this is said once it is copied

export function Inside({ bench, first, brought, post, scopes, held, viewing, written, children }) {
  const editors = useEditorContext({ nonNull: true });
  const { run } = useExecutionContext({ nonNull: true });
  const { schema } = useSchemaStore();
  const [ready, setReady] = useState(false);
  const { queryEditor, variableEditor, headerEditor, responseEditor } = editors;

  useEffect(() => setReady(true), []);
  useEffect(() => {
    bench.current.run = run;
  });
  useNamedEditors([
    [queryEditor, "GraphQL document"],
    [variableEditor, "Variables"],
    [headerEditor, "Headers"],
    [responseEditor, "Result"],
  ]);
  useMendedTree(ready ? document.querySelector(".explorer-tool") : null, schema);
  useFirst(queryEditor, schema, first);
  useEffect(() => {
    queryEditor?.on("change", written);
    return () => queryEditor?.off("change", written);
  }, [queryEditor]);
  useEffect(() => {
    if (queryEditor && brought?.operation) editors.setOperationName(brought.operation);
  }, [queryEditor]);

  const [shared, setShared] = useState(false);
  const share = async () => {
    await copy(linkTo(scopes.text, { ...documentOf(editors), operation: queryEditor?.operationName ?? "" }));
    setShared(true);
    setTimeout(() => setShared(false), SHOWN);
  };
  return (
    <>
      {children}
      <Needs editor={queryEditor} post={post} held={held} add={viewing ? null : scopes.add} />
      {ready &&
        bench.current.acts &&
        createPortal(
          <>
            <span className="hint" role="status">
              {shared && IN_IT}
            </span>
            <button type="button" className="quiet small" onClick={share} title={IN_IT}>
              Copy link
            </button>
            <ClearHistory />
          </>,
          bench.current.acts,
        )}
    </>
  );
}

/** Where there is no document yet, the first is there, and follows the schema until it is touched. */
function useFirst(editor, schema, first) {
  const last = useRef("");
  useEffect(() => {
    if (!editor || !schema) return;
    const there = editor.getValue().trim();
    if (there && there !== last.current.trim()) return;
    last.current = firstOf(schema);
    editor.setValue(last.current);
    first.place(last.current);
  }, [editor, schema]);
}

const documentOf = ({ queryEditor, variableEditor }) => ({
  query: queryEditor?.getValue() ?? "",
  variables: variableEditor?.getValue() ?? "",
});

async function copy(link) {
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    prompt("Copy this link:", link); // the clipboard is there on https and loopback alone
  }
}

function ClearHistory() {
  const history = useHistory();
  const { deleteFromHistory } = useHistoryActions();
  const clear = () => {
    for (const each of [...history]) deleteFromHistory(each, true);
    say("The history is cleared.");
  };
  return (
    <button type="button" className="quiet small" onClick={clear} disabled={!history.length}>
      Clear history
    </button>
  );
}
