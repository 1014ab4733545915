// The tree of the same scopes (WAI-ARIA APG, "Tree View"): one stop of the Tab key; arrows walk and open, Space ticks.

import { make } from "../make.js";
import { Slices } from "./slices.js";

const SMALL = 90; // entries up to which the whole tree is open at first

export class Tree {
  constructor(root, catalogue, on) {
    this.root = root;
    this.catalogue = catalogue;
    this.on = on;
    this.items = new Map();
    this.list = make("ul", { role: "tree", "aria-label": "Scopes", "aria-multiselectable": "true" });
    this.end = make("p", { class: "more", hidden: true });
    root.replaceChildren(this.list, this.end);
    this.slices = new Slices(this.list, (entry) => this.item(entry).element, this.end);
    const small = catalogue.entries.length <= SMALL;
    this.expanded = new Set(
      catalogue.entries.filter((each) => each.children.length && (small || each.depth === 0)).map((each) => each.scope),
    );
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.click(event));
  }

  /** Those that are found, and what stands above them. `narrowed`: something was looked for, so all of it is open. */
  show(found, narrowed) {
    this.found = new Set(found.map((entry) => entry.scope));
    this.narrowed = narrowed;
    this.kept = narrowed ? new Set(found.flatMap(({ scope }) => this.aboveOf(scope))) : null;
    this.shut = new Set();
    this.draw();
  }

  draw() {
    this.visible = [];
    const walk = (entries) => {
      for (const entry of entries) {
        if (this.narrowed && !this.kept.has(entry.scope)) continue;
        this.visible.push(entry);
        if (this.isOpen(entry)) walk(entry.children);
      }
    };
    walk(this.catalogue.roots);
    const focused = document.activeElement?.closest?.("[role=treeitem]") ? this.at : null;
    this.slices.show(this.visible);
    const stop = this.visible.find((entry) => entry === this.at) ?? this.visible[0];
    if (stop) this.stop(stop);
    if (focused && stop) this.focus(stop);
  }

  aboveOf(scope) {
    const parts = scope.split(":");
    return parts.map((_, depth) => parts.slice(0, depth + 1).join(":"));
  }

  isOpen(entry) {
    if (!entry.children.length) return false;
    return this.narrowed ? !this.shut.has(entry.scope) : this.expanded.has(entry.scope);
  }

  item(entry) {
    let item = this.items.get(entry.scope);
    if (!item) {
      const box = make("input", { type: "checkbox", tabindex: "-1", "aria-hidden": "true" });
      const element = make(
        "li",
        { role: "treeitem", "aria-level": entry.depth + 1, "aria-label": entry.name, tabindex: "-1", class: `level-${entry.depth}` },
        make("span", { class: "twist", "aria-hidden": "true" }),
        box,
        make("span", { class: `label${entry.depth > 1 ? ` ${entry.access}` : ""}` }, entry.label),
        make("span", { class: "many", "aria-hidden": "true" }, entry.opens ? String(entry.opens) : ""),
      );
      element.dataset.scope = entry.scope;
      item = { element, box, entry };
      this.items.set(entry.scope, item);
    }
    this.mark(item);
    return item;
  }

  mark({ element, box, entry }) {
    const { state, by } = entry;
    const on = Boolean(by);
    box.checked = on;
    box.indeterminate = state === "partly";
    element.setAttribute("aria-checked", state === "partly" ? "mixed" : String(on));
    element.classList.toggle("covered", state === "covered");
    element.classList.toggle("context", Boolean(this.narrowed) && !this.found.has(entry.scope));
    element.tabIndex = entry === this.at ? 0 : -1;
    if (entry.children.length) element.setAttribute("aria-expanded", String(this.isOpen(entry)));
  }

  marked() {
    for (const entry of this.visible.slice(0, this.slices.shown)) this.mark(this.items.get(entry.scope));
  }

  click(event) {
    const element = event.target.closest("[role=treeitem]");
    if (!element) return;
    const entry = this.catalogue.get(element.dataset.scope);
    this.stop(entry);
    this.focus(entry);
    if (event.target.classList.contains("twist") && entry.children.length) this.turn(entry);
    else this.tick(entry);
  }

  tick(entry) {
    this.on.tick(entry, !entry.by);
  }

  turn(entry, open = !this.isOpen(entry)) {
    const [set, value] = this.narrowed ? [this.shut, !open] : [this.expanded, open];
    if (value) set.add(entry.scope);
    else set.delete(entry.scope);
    this.draw();
  }

  stop(entry) {
    const before = this.at && this.items.get(this.at.scope);
    if (before) before.element.tabIndex = -1;
    this.at = entry;
    const now = this.items.get(entry.scope);
    if (now) now.element.tabIndex = 0;
  }

  focus(entry) {
    this.slices.reach(entry);
    this.items.get(entry.scope).element.focus({ preventScroll: true });
    this.items.get(entry.scope).element.scrollIntoView({ block: "nearest" });
  }

  go(entry) {
    if (!entry) return;
    this.slices.reach(entry);
    this.stop(entry);
    this.focus(entry);
  }

  key(event) {
    const entry = this.at;
    if (!entry || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = this.visible.indexOf(entry);
    const steps = {
      ArrowDown: () => this.go(this.visible[place + 1]),
      ArrowUp: () => this.go(this.visible[place - 1]),
      Home: () => this.go(this.visible[0]),
      End: () => this.go(this.visible.at(-1)),
      ArrowRight: () => {
        if (entry.children.length && !this.isOpen(entry)) this.turn(entry, true);
        else if (entry.children.length) this.go(this.visible[place + 1]);
      },
      ArrowLeft: () => {
        if (this.isOpen(entry)) this.turn(entry, false);
        else this.go(this.catalogue.get(entry.scope.slice(0, entry.scope.lastIndexOf(":"))));
      },
      " ": () => this.tick(entry),
      Enter: () => this.on.open?.(entry),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  }
}
