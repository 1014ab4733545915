// The whole of it: which scopes, which token, whose eyes; GraphiQL in the middle; and what its answers lead to.

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL } from "graphiql";
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";

import { poster } from "../posting.js";
import { apiFetcher, viewFetcher } from "./calling.js";
import { Doubt } from "./doubt.js";
import { First } from "./first.js";
import { Inside } from "./inside.jsx";
import { keptFor } from "./kept.js";
import { Denied, Ended, Trouble } from "./notices.jsx";
import { Pass } from "./pass.js";
import { useScopes } from "./scopes.js";
import { broughtBy } from "./shared.js";
import { TokenLine } from "./token-line.jsx";

const PLUGINS = [{ ...explorerPlugin({ showAttribution: false }), title: "Field tree" }];
const INTROSPECTION = "IntrospectionQuery";

export function App({ given }) {
  const viewing = "viewing" in given;
  const post = useMemo(() => poster(given), [given]);
  const pass = useMemo(() => new Pass(post), [post]);
  const storage = useMemo(() => keptFor(given.user), [given]);
  const brought = useMemo(taken, []);
  const doubt = useMemo(() => new Doubt(brought?.query, storage), []);
  const first = useMemo(() => new First(), []);
  const bench = useRef({}); // what is inside GraphiQL, for those outside: run()
  const [denied, setDenied] = useState(null);
  const [ended, setEnded] = useState(false);
  const scopes = useScopes(given, pass, viewing);
  const state = useSyncExternalStore(pass.subscribe, () => pass.state);

  const heard = useCallback(({ missing, own, params, ended: over }) => {
    if (over) setEnded(true);
    if (params.operationName === INTROSPECTION) return;
    setDenied(missing.length ? { missing, own } : null);
  }, []);
  // Another function is another schema: GraphiQL asks for it anew, and keeps the documents.
  const fetcher = useMemo(
    () => (viewing ? viewFetcher(post, { ...given, scope: scopes.text }, first, heard) : apiFetcher(pass, first, doubt, heard)),
    [scopes.turn, viewing],
  );

  const addAndRun = async () => {
    const added = denied.missing;
    setDenied(null);
    if (await scopes.add(added)) bench.current.run();
  };
  const renewed = () => pass.renew().catch(() => {}); // why not, is in the pass's state
  const runAgain = async () => {
    await renewed();
    if (pass.state.phase === "held") bench.current.run();
  };
  const acts = document.querySelector("[data-acts]");

  return (
    <>
      {(ended || state.phase === "ended") && <Ended />}
      {!viewing && <TokenLine pass={pass} state={state} renewed={renewed} runAgain={runAgain} />}
      <Trouble state={viewing ? {} : state} scopes={scopes} readable={given.readable} />
      <div className="explorer-tool">
        <GraphiQL
          fetcher={fetcher}
          plugins={PLUGINS}
          storage={storage}
          shouldPersistHeaders={false}
          forcedTheme="system"
          defaultQuery={"\n"}
          query={brought?.query}
          variables={brought?.variables}
          isHeadersEditorEnabled={!viewing}
        >
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
          <Inside
            bench={bench}
            first={first}
            brought={brought}
            post={post}
            scopes={scopes}
            held={viewing ? given.held : scopes.text}
            viewing={viewing}
            written={() => setDenied(null)}
          >
            {denied && <Denied denied={denied} addable={!viewing && denied.own} act={addAndRun} away={() => setDenied(null)} />}
          </Inside>
        </GraphiQL>
      </div>
      {acts && createPortal(<span ref={(element) => (bench.current.acts = element)} className="acts" />, acts)}
    </>
  );
}

/** The document of the address; the address is itself again, so that a reload keeps what is written since. */
function taken() {
  const brought = broughtBy(location.hash);
  if (brought) history.replaceState(history.state, "", location.pathname + location.search);
  addEventListener("hashchange", () => broughtBy(location.hash) && location.reload());
  return brought;
}
