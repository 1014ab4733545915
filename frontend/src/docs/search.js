// Searching the documentation as one types, by the words that the server searches, too (docs/sought.py): each has to be
// somewhere in an entry's `data-words`. What does not match is hidden, and a part of the page with it that has nothing
// left. A page that the server has searched already has only what it found: the whole is fetched first.

import { make } from "../make.js";
import { say } from "../say.js";

const LATER = 400; // milliseconds without a key before it is said how many there are
const HOW = "Each word has to be somewhere in a name, a description or a scope.";
const box = document.querySelector(".docs-bar [data-search]");
const told = document.querySelector("[data-found]");
let cut = Boolean(new URLSearchParams(location.search).get("q")) && document.querySelector("[data-cut]");
let unsought = cut ? [] : unhidden(told); // what stands there while nothing is looked for
let links; // of the navigation, by where they lead
let fetching;
let speaking;

/** What is in it, if it is shown. */
function unhidden(element) {
  return element && !element.hidden ? [...element.childNodes] : [];
}

/** Back to the whole; it takes no new page. */
const way = make("button", { type: "button", class: "text", onclick: () => clear() }, "Show everything");

const wordsOf = (text) => [...new Set(text.toLowerCase().split(/\s+/).filter(Boolean))];

async function search() {
  if (cut) await (fetching ??= whole());
  const words = wordsOf(box.value);
  const shown = filter(words);
  tell(words, shown);
  address();
}

/** Hide what does not match. How many do. */
function filter(words) {
  let shown = 0;
  for (const entry of document.querySelectorAll("[data-entry]")) {
    const fits = words.every((word) => entry.dataset.words.includes(word));
    entry.hidden = !fits;
    shown += fits;
    for (const link of linksTo(entry.id)) link.parentElement.hidden = !fits;
  }
  for (const part of document.querySelectorAll("[data-part]")) {
    part.hidden = words.length > 0 && !part.querySelector("[data-entry]:not([hidden])");
    for (const link of linksTo(part.id)) link.parentElement.hidden = part.hidden;
  }
  return shown;
}

function clear() {
  box.value = "";
  box.focus();
  search();
}

function linksTo(id) {
  links ??= Map.groupBy(document.querySelectorAll(".docs-side a"), (each) => each.hash.slice(1));
  return links.get(id) ?? [];
}

function tell(words, shown) {
  const entries = shown === 1 ? "entry matches" : "entries match";
  const text = words.length ? `${shown || "No"} ${entries} “${box.value.trim()}”.` : "";
  if (told) {
    told.hidden = !text && !unsought.length;
    told.replaceChildren(...(text ? [`${text} ${shown ? "" : HOW}`.trim(), " ", way] : unsought));
  }
  clearTimeout(speaking);
  if (text) speaking = setTimeout(() => say(text), LATER);
}

/** The address is what is shown, so that it can be sent on; where a server has nothing to search, too. */
function address() {
  const here = new URL(location.href);
  if (box.value.trim()) here.searchParams.set("q", box.value.trim());
  else here.searchParams.delete("q");
  history.replaceState(history.state, "", here);
}

/** The same page with nothing left out of it, in the place of what the server has left. */
async function whole() {
  const here = new URL(location.href);
  here.searchParams.delete("q");
  const answer = await fetch(here, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.querySelector("[data-sheet]");
  const ours = document.querySelector("[data-sheet]");
  if (!answer.ok || !found || !ours) return location.assign(here);
  ours.replaceWith(document.adoptNode(found));
  unsought = unhidden(page.querySelector("[data-found]"));
  cut = false;
  links = undefined;
  document.dispatchEvent(new Event("docs:changed"));
}

if (box) {
  box.addEventListener("input", search);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.value) return;
    event.preventDefault();
    clear();
  });
  // In the console `/` is one of its keys, and taken; elsewhere it is ours.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
    if (event.key !== "/" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  if (!cut && new URLSearchParams(location.search).get("q")) {
    box.value ||= new URLSearchParams(location.search).get("q"); // a site of files has no server that would do it
    filter(wordsOf(box.value));
  }
}
