// <sk-palette>: Ctrl-K goes anywhere. Its entries are the links of the navigation, its own, and whatever on the page has
// `data-palette` (its value, or the element's words, name it); those with `data-search-of` take along what was typed.
// `data-also` are other words that one may look for it by.

import { control } from "./keys.js";
import { make } from "./make.js";

class Palette extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    this.button = make(
      "button",
      { type: "button", class: "quiet seek", "aria-haspopup": "dialog", "aria-keyshortcuts": "Control+K Meta+K", onclick: () => this.open() },
      make("span", {}, "Go to or search"),
      make("kbd", { "aria-hidden": "true" }, control("K")),
    );
    this.append(this.button);
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) this.open();
    });
  }

  open() {
    this.box = make("input", {
      type: "text",
      role: "combobox",
      "aria-label": "Go to or search",
      "aria-expanded": "true",
      "aria-controls": "palette-list",
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "Page, action, or words to search for",
      oninput: () => this.show(),
      onkeydown: (event) => this.key(event),
    });
    this.list = make("ul", { id: "palette-list", role: "listbox", "aria-label": "Where to" });
    this.told = make("p", { role: "status", class: "unseen" });
    this.dialog = make(
      "dialog",
      { class: "palette", "aria-label": "Go to or search", onclose: () => this.dialog.remove() },
      this.box,
      this.list,
      this.told,
    );
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.show();
  }

  /** What can be chosen: entries whose words begin with all of these (first what begins as they do), then searches. */
  chosen(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.entries().filter(({ name, also }) => {
      const parts = `${name} ${also}`.toLowerCase().split(/[\s:_-]+/);
      return wanted.every((word) => parts.some((part) => part.startsWith(word)));
    });
    const begins = ({ name }) => name.toLowerCase().startsWith(words.trim().toLowerCase());
    const ordered = [...found.filter(begins), ...found.filter((entry) => !begins(entry))];
    return [...ordered, ...(wanted.length ? this.searches(words.trim()) : [])];
  }

  entries() {
    const named = new Map();
    const sources = [".rooms a", "[data-palette]", "sk-palette a:not([data-search-of])"];
    for (const element of sources.flatMap((source) => [...document.querySelectorAll(source)])) {
      const name = element.dataset.palette || element.textContent.trim();
      const kind = element.matches(".rooms a") ? "Page" : element.matches("[data-palette]") ? "On this page" : "";
      if (!named.has(name)) named.set(name, { name, kind, also: element.dataset.also ?? "", go: () => element.click() });
    }
    return [...named.values()];
  }

  searches(words) {
    return [...this.querySelectorAll("[data-search-of]")].map((link) => ({
      name: `Search ${link.dataset.searchOf} for “${words}”`,
      kind: "Search",
      go: () => location.assign(link.href + encodeURIComponent(words)),
    }));
  }

  show() {
    this.found = this.chosen(this.box.value);
    this.list.replaceChildren(
      ...this.found.map(({ name, kind }, at) => {
        const small = kind ? [make("small", {}, kind)] : [];
        return make("li", { id: `palette-${at}`, role: "option", onclick: () => this.go(at) }, name, ...small);
      }),
    );
    this.told.textContent = this.found.length === 1 ? "1 entry" : `${this.found.length} entries`;
    this.mark(0);
  }

  mark(at) {
    this.at = at;
    [...this.list.children].forEach((each, place) => each.setAttribute("aria-selected", String(place === at)));
    const marked = this.list.children[at];
    if (marked) this.box.setAttribute("aria-activedescendant", marked.id);
    else this.box.removeAttribute("aria-activedescendant");
    marked?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const last = this.found.length - 1;
    const steps = {
      ArrowDown: () => this.mark(this.at < last ? this.at + 1 : 0),
      ArrowUp: () => this.mark(this.at > 0 ? this.at - 1 : last),
      Enter: () => this.go(this.at),
    };
    const step = steps[event.key];
    if (!step || event.isComposing) return;
    event.preventDefault();
    step();
  }

  go(at) {
    const entry = this.found[at];
    if (!entry) return;
    this.dialog.close();
    entry.go();
  }
}

customElements.define("sk-palette", Palette);
