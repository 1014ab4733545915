// The table of scopes: a row for each that is shown, with its box, and below it what it opens once that is asked for.

import { make } from "../make.js";
import { Slices } from "./slices.js";

/** The scope, which may be broken behind a colon. */
const broken = (scope) => scope.split(/(?<=:)/).flatMap((part, at) => (at ? [make("wbr"), part] : [part]));

const cell = (label, words) => make("td", { role: "cell", "data-label": label }, words);

export class Table {
  /** `on.tick(entry, checked)`, `on.open(entry)`: what to do; `on.held(entry)`: what an application has. `detailed`: every column, and rows that can be opened. */
  constructor(root, on, detailed) {
    this.table = root.querySelector("table");
    this.body = this.table.tBodies[0];
    this.on = on;
    this.detailed = detailed;
    this.rows = new Map();
    this.open = null;
    this.end = root.querySelector("[data-more]");
    this.slices = new Slices(this.body, (entry) => this.row(entry).element, this.end);
    this.end.querySelector("button").addEventListener("click", () => this.slices.add(512));
    for (const each of this.table.querySelectorAll("thead, tbody")) each.setAttribute("role", "rowgroup");
    this.table.setAttribute("role", "table");
  }

  show(entries) {
    this.close();
    this.slices.show(entries);
  }

  /** The row of this entry, made when it is first wanted. */
  row(entry) {
    const known = this.rows.get(entry.scope);
    if (known) {
      this.mark(known);
      return known;
    }
    const box = make("input", {
      type: "checkbox",
      "aria-label": entry.scope,
      onchange: () => {
        made.state = null; // the browser has changed the box itself
        this.on.tick(entry, box.checked);
      },
    });
    const name = make("code", {}, ...broken(entry.scope));
    const link = this.detailed
      ? make("a", { href: `/console/scopes/${entry.scope}`, "aria-expanded": "false" }, name)
      : name;
    if (this.detailed) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.on.open(entry);
      });
    }
    const element = make(
      "tr",
      { role: "row", class: `${entry.access === "write" ? "writes" : ""} ${this.on.held(entry) ? "held" : ""}` },
      make("td", { class: "pick", role: "cell" }, box),
      make("th", { scope: "row", role: "rowheader" }, link),
      ...(this.detailed ? [cell("API Type", entry.face), cell("Module", entry.moduleTitle)] : []),
      cell("Description", entry.description),
    );
    element.addEventListener("click", (event) => {
      if (!event.target.closest("a, input") && !getSelection().toString()) box.click();
    });
    const made = { element, box, link, entry };
    this.rows.set(entry.scope, made);
    this.mark(made);
    return made;
  }

  mark(row) {
    const { element, box, entry } = row;
    const { state, by } = entry;
    if (row.state === state && row.by === by) return;
    Object.assign(row, { state, by });
    box.checked = state === "ticked" || state === "covered";
    box.indeterminate = state === "partly";
    if (state === "covered") box.title = `Covered by ${by}`;
    else box.removeAttribute("title");
    for (const each of ["ticked", "covered", "partly"]) element.classList.toggle(each, state === each);
  }

  /** Every row that is on the page, anew. */
  marked() {
    for (const entry of this.slices.items.slice(0, this.slices.shown)) this.mark(this.rows.get(entry.scope));
  }

  /** The row opened, with this below it. */
  opened(entry, content) {
    this.close();
    this.slices.reach(entry);
    const row = this.rows.get(entry.scope);
    if (!row?.element.isConnected) return null;
    row.link.setAttribute("aria-expanded", "true");
    row.element.classList.add("opened");
    const detail = make("tr", { class: "unfolded", role: "row" }, make("td", { colspan: "5", role: "cell" }, content));
    row.element.after(detail);
    this.open = { entry, detail, row };
    return row;
  }

  close() {
    if (!this.open) return;
    this.open.detail.remove();
    this.open.row.link.setAttribute("aria-expanded", "false");
    this.open.row.element.classList.remove("opened");
    this.open = null;
  }

  sorted(sort) {
    for (const head of this.table.querySelectorAll("th[data-sort]")) {
      const way = { [head.dataset.sort]: "ascending", [`-${head.dataset.sort}`]: "descending" }[sort];
      if (way) head.setAttribute("aria-sort", way);
      else head.removeAttribute("aria-sort");
    }
  }
}
