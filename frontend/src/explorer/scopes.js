// The Scopes box: what is selected there goes into the token, the address and the links of the page.

import { useEffect, useState } from "react";

import { carry } from "../carried.js";
import { say } from "../say.js";
import { wordsOf } from "../words.js";

const EVERYTHING = "Nothing is selected: these all read, and none writes.";

/** `{ text, turn, add(scopes), apply(text) }`. A new `turn` is a new selection. */
export function useScopes(given, pass, viewing) {
  const [selected, setSelected] = useState({ text: given.scope, turn: 0 });

  async function apply(typed) {
    const words = wordsOf(typed);
    const text = words.join(" ") || given.readable;
    const told = words.length ? "" : EVERYTHING;
    if (viewing) return leave(text);
    const unknown = await taken(pass, text);
    if (unknown?.length) {
      const known = words.filter((word) => !unknown.includes(word)).join(" ") || given.readable;
      await taken(pass, known);
      show(known, `There is no scope ${unknown.join(", ")}: it is left out.`);
      setSelected(({ turn }) => ({ text: known, turn: turn + 1 }));
    } else {
      show(text, told);
      setSelected(({ turn }) => ({ text, turn: turn + 1 }));
    }
    return pass.state.phase === "held";
  }

  async function add(scopes) {
    const done = await apply([...wordsOf(selected.text), ...scopes].join(" "));
    if (done) say(`${scopes.join(", ")} added to the scopes.`);
    return done;
  }

  useEffect(() => {
    if (!viewing) pass.select(given.scope).catch(() => {});
    if (given.chosen) carry(given.scope);
    const form = document.querySelector("form[data-scopes]");
    const box = form.querySelector("textarea");
    const submit = (event) => {
      event.preventDefault();
      form.dispatchEvent(new CustomEvent("scopes", { detail: box.value }));
    };
    const enter = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    };
    form.addEventListener("submit", submit);
    box.addEventListener("keydown", enter);
    return () => {
      form.removeEventListener("submit", submit);
      box.removeEventListener("keydown", enter);
    };
  }, []);

  useEffect(() => {
    const form = document.querySelector("form[data-scopes]");
    const asked = (event) => apply(event.detail);
    form.addEventListener("scopes", asked);
    return () => form.removeEventListener("scopes", asked);
  });

  return { ...selected, add, apply };
}

/** Selects; the words that are no scopes, where that is what went wrong. */
async function taken(pass, text) {
  try {
    await pass.select(text);
    return null;
  } catch {
    return pass.state.unknown;
  }
}

/** The box, the address and the links say what is selected now. */
function show(text, told) {
  const form = document.querySelector("form[data-scopes]");
  form.querySelector("textarea").value = text;
  form.querySelector("[data-told]").textContent = told;
  const here = new URL(location.href);
  if (carry(text)) here.searchParams.delete("scope"); // too long for an address
  else here.searchParams.set("scope", text);
  history.replaceState(history.state, "", here);
}

/** In a view the server says what is to be seen: it is asked for the page with these scopes. */
function leave(text) {
  const here = new URL(location.href);
  here.searchParams.set("scope", text);
  location.assign(here);
  return false;
}
