// Keys that work on every page, and <sk-keys>, the button that lists them. Those of a single character can be switched
// off (WCAG 2.2, 2.1.4), since who speaks to the computer sends many.

import { make } from "./make.js";

const OFF = "scopekeeper:single-keys-off";
const apple = /Mac|iPhone|iPad/.test(navigator.platform);

/** How the key with Ctrl (on a Mac, Command) is written. */
export const control = (key) => (apple ? `⌘${key}` : `Ctrl ${key}`);

/** Is this the key, and is nobody typing text just now? */
export function pressed(event, key) {
  if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(OFF)) return false;
  return !event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");
}

class Keys extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    this.button = make("button", { type: "button", class: "text", onclick: () => this.open() }, "Keyboard");
    this.append(this.button);
    document.addEventListener("keydown", (event) => {
      if (pressed(event, "?")) {
        event.preventDefault();
        this.open();
      }
    });
  }

  open() {
    const single = make("input", { type: "checkbox", id: "single-keys", checked: !localStorage.getItem(OFF) });
    single.addEventListener("change", () => {
      if (single.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    });
    const dialog = make(
      "dialog",
      { class: "help", "aria-labelledby": "keys", onclose: () => dialog.remove() },
      make(
        "header",
        {},
        make("h2", { id: "keys" }, "Keyboard"),
        make("button", { type: "button", class: "quiet small", onclick: () => dialog.close() }, "Close"),
      ),
      make(
        "div",
        { class: "body" },
        make("dl", {}, ...this.lines()),
        make("div", { class: "switch" }, single, make("label", { for: "single-keys" }, "Keys of a single character")),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }

  *lines() {
    yield* line(control("K"), "Go to a page, search, act");
    if (document.querySelector("[data-search]")) yield* line("/", "Search this page");
    if (document.querySelector("td.pick")) yield* line("Shift", "with a click: tick everything between");
    yield* line("?", "This list");
    yield* line("Esc", "Close what is open");
  }
}

function line(key, words) {
  return [make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)];
}

document.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-search]");
  if (box && pressed(event, "/")) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

customElements.define("sk-keys", Keys);
