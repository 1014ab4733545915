// <sk-scopes>: the Scope Visualizer. A tree and a table of the same scopes, in step, and a text box that says what is
// selected. On its own page the server renders all of it first; within a form (`field`) it is built here.
//
// The selection is a list of scopes, in the order in which they were ticked. A scope that is ticked covers those below
// it: they look ticked, and only it is in the list.

import { say } from "../say.js";
import { wordsOf } from "../words.js";
import { above, collapsed, cover, lineage, ticked, uncovered, unticked } from "./algebra.js";
import { fetched, sorted } from "./catalogue.js";
import { built } from "./shape.js";
import { Table } from "./table.js";
import { Tree } from "./tree.js";

const ADMIN = ["rest:admin", "gql:admin"];

/** Does this scope reach into the administration of Scopekeeper itself? */
const administers = (scope) => ADMIN.some((admin) => lineage(admin).includes(scope) || lineage(scope).includes(admin));

export class Scopes extends HTMLElement {
  async connectedCallback() {
    if (this.parts) return;
    this.picking = this.hasAttribute("field");
    if (this.picking) built(this);
    const part = (name) => this.querySelector(`[data-${name}]`);
    this.parts = Object.fromEntries(
      ["selected", "many", "told", "collapse", "clear", "sift", "text", "module", "tree", "found", "all"].map((name) => [name, part(name)]),
    );
    this.words = wordsOf(this.parts.selected.value);
    this.heldThere = new Set((this.getAttribute("held") ?? "").split(" ").filter(Boolean));
    this.asked = { text: "", api: "", module: "", access: "", sort: this.getAttribute("sort") ?? "" };
    try {
      this.catalogue = await fetched(this.getAttribute("catalogue"));
    } catch {
      this.parts.told.textContent = "The list of scopes cannot be loaded just now. Scopes can still be typed here.";
      return;
    }
    this.begin();
  }

  begin() {
    const on = {
      tick: (entry, on) => this.tick(entry, on),
      held: (entry) => this.heldThere.size > 0 && Boolean(cover(this.heldThere, entry.scope)),
      open: this.picking ? undefined : (entry) => this.open(entry),
    };
    this.table = new Table(this, on, !this.picking);
    this.tree = new Tree(this.parts.tree, this.catalogue, on);
    this.take(this.words);
    this.listen();
    this.classList.add("ready");
    this.sift();
    this.tell();
    if (!this.picking) this.follow();
  }

  listen() {
    const { selected, collapse, clear, sift, all } = this.parts;
    selected.readOnly = false;
    selected.addEventListener("input", () => {
      this.take(wordsOf(selected.value));
      this.changed();
    });
    selected.addEventListener("change", () => this.write());
    sift.addEventListener("input", () => this.sift());
    sift.addEventListener("submit", (event) => event.preventDefault());
    sift.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
      if (event.key === "ArrowDown" && event.target === this.parts.text) this.tree.go(this.tree.at);
    });
    collapse.addEventListener("click", (event) => {
      event.preventDefault();
      this.select(this.collapsed(), "Collapsed to parents");
    });
    clear.addEventListener("click", (event) => {
      event.preventDefault();
      this.select([], "Nothing is selected now");
    });
    all.addEventListener("click", (event) => {
      event.preventDefault();
      this.tickAll();
    });
    for (const head of this.querySelectorAll("th[data-sort] a")) {
      head.addEventListener("click", (event) => {
        event.preventDefault();
        const { sort } = head.parentElement.dataset;
        this.asked.sort = { [sort]: `-${sort}`, [`-${sort}`]: "" }[this.asked.sort] ?? sort;
        this.sift();
      });
    }
  }

  /** These words are selected: those that are scopes; what is none is told. */
  take(words) {
    const all = [...new Set(words)];
    this.selection = all.filter((word) => this.catalogue.has(word));
    this.unknown = all.filter((word) => !this.catalogue.has(word));
    const held = new Set(this.selection);
    const partly = new Set(this.selection.flatMap(above));
    for (const entry of this.catalogue.entries) {
      entry.by = entry.parent?.by || (held.has(entry.scope) ? entry.scope : "");
      entry.state = held.has(entry.scope) ? "ticked" : entry.by ? "covered" : partly.has(entry.scope) ? "partly" : "";
    }
  }

  tick(entry, on) {
    if (on) {
      this.select(ticked(this.selection, [entry.scope]), `${entry.scope} is selected`);
      return;
    }
    const { by, scope } = entry;
    const rest = uncovered(unticked(this.selection, scope, this.catalogue.children));
    const instead = by === scope ? "" : ` Instead of ${by}, the others below it are selected.`;
    this.select(rest, `${scope} is not selected any more.${instead}`, instead);
  }

  tickAll() {
    const scopes = this.shown.map((entry) => entry.scope);
    if (!this.allShown()) {
      this.select(ticked(this.selection, scopes), `${scopes.length} scopes are selected`);
      return;
    }
    const gone = new Set(scopes);
    let rest = this.selection.filter((scope) => !gone.has(scope));
    let held = new Set(rest);
    for (const scope of scopes) {
      if (!cover(held, scope)) continue;
      rest = unticked(rest, scope, this.catalogue.children);
      held = new Set(rest);
    }
    this.select(uncovered(rest), `${scopes.length} scopes are not selected any more`);
  }

  collapsed() {
    return collapsed(this.selection, this.catalogue, (entry) => entry.by);
  }

  allShown() {
    return this.shown.length > 0 && this.shown.every((entry) => entry.by);
  }

  /** From now on this is selected. `note` stays to be read, `said` is heard. */
  select(scopes, said, note = "") {
    this.take(scopes);
    this.write();
    this.changed(note);
    if (said) say(said);
  }

  write() {
    this.parts.selected.value = this.selection.join(" ");
  }

  changed(note = "") {
    this.table.marked();
    this.tree.marked();
    this.tell(note);
    if (!this.picking) this.link();
    this.dispatchEvent(new CustomEvent("scopes", { bubbles: true, detail: { scopes: this.selection } }));
  }

  tell(note = "") {
    const { many, told, collapse, clear, all, selected } = this.parts;
    const count = this.selection.length;
    many.textContent = count === 1 ? "1 scope" : count ? `${count} scopes` : "none yet";
    collapse.hidden = this.collapsed().length >= count;
    clear.hidden = !count;
    all.textContent = this.allShown() ? "Unselect all shown" : "Select all shown";
    const none = this.unknown.slice(0, 5).join(", ");
    const admin = this.catalogue.has(ADMIN[0]) && this.selection.find(administers);
    const lines = [];
    if (none) lines.push(`There is no scope ${none}${this.unknown.length > 5 ? " (and more)" : ""}: it is left out.`);
    if (note) lines.push(note.trim());
    if (admin) lines.push(`${admin} opens Scopekeeper’s own administration: for tools that you trust as yourself.`);
    told.textContent = lines.join(" ");
    selected.toggleAttribute("data-wrong", Boolean(none));
    selected.rows = Math.max(2, Math.min(5, Math.ceil(selected.value.length / Math.max(40, selected.clientWidth / 8))));
  }

  /** Nothing is looked for any more. */
  unsift() {
    this.parts.text.value = "";
    if (this.parts.module) this.parts.module.value = "";
    for (const all of this.parts.sift.querySelectorAll("[data-of][value='']")) all.checked = true;
    this.sift();
  }

  /** The tree and the table show what is asked for. */
  sift() {
    const checked = (name) => this.parts.sift.querySelector(`[data-of=${name}]:checked`)?.value ?? "";
    Object.assign(this.asked, {
      text: this.parts.text.value,
      api: checked("api"),
      module: this.parts.module?.value ?? "",
      access: checked("access"),
    });
    const { text, api, module, access, sort } = this.asked;
    this.shown = sorted(this.catalogue.find(this.asked), sort);
    this.table.show(this.shown);
    this.table.sorted(sort);
    this.tree.show(this.shown, Boolean(text.trim() || api || module || access));
    const [many, of] = [this.shown.length, this.catalogue.entries.length];
    this.parts.found.textContent = many === of ? `${of} scopes` : many ? `${many} of ${of} scopes` : "No scope is like that. Try fewer words.";
    this.parts.all.disabled = !many;
    this.parts.all.textContent = this.allShown() ? "Unselect all shown" : "Select all shown";
    if (!this.picking) this.link();
  }
}
