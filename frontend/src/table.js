// <sk-table>: a table whose rows may be ticked, all of them at once, or (with Shift) all from one to another.
// It also says its roles, which some browsers forget where the table is laid out as cards.

import { make } from "./make.js";

const ROLES = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", td: "cell" };

class Table extends HTMLElement {
  connectedCallback() {
    for (const [name, role] of Object.entries(ROLES)) {
      for (const each of this.querySelectorAll(name)) each.setAttribute("role", role);
    }
    for (const each of this.querySelectorAll("th")) {
      each.setAttribute("role", each.closest("thead") ? "columnheader" : "rowheader");
    }
    if (this.boxes.length > 0) this.pickable();
  }

  get boxes() {
    return [...this.querySelectorAll("td.pick input[type=checkbox]")];
  }

  pickable() {
    const head = this.querySelector("th.pick");
    if (head && !this.all) {
      this.all = make("input", { type: "checkbox", "aria-label": "Select all that are shown" });
      head.replaceChildren(this.all);
      this.all.addEventListener("change", () => {
        for (const box of this.boxes) box.checked = this.all.checked;
        this.tell();
      });
    }
    this.addEventListener("click", (event) => this.range(event));
    this.addEventListener("change", () => this.tell());
    this.tell();
  }

  /** With Shift, what lies between the last box and this one becomes as this one is. */
  range(event) {
    const boxes = this.boxes;
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    const from = event.shiftKey ? boxes.indexOf(this.last) : -1;
    if (from >= 0) {
      for (const box of boxes.slice(Math.min(from, at), Math.max(from, at))) box.checked = boxes[at].checked;
      boxes[from].checked = boxes[at].checked;
    }
    this.last = event.target;
    this.tell();
  }

  /** How many are ticked, wherever the form wants to know (`<output data-picked>`). */
  tell() {
    const boxes = this.boxes;
    const picked = boxes.filter((box) => box.checked).length;
    if (this.all) {
      this.all.checked = picked === boxes.length;
      this.all.indeterminate = picked > 0 && picked < boxes.length;
    }
    for (const each of (this.closest("form") ?? document).querySelectorAll("[data-picked]")) {
      each.textContent = `${picked} selected`;
    }
  }
}

customElements.define("sk-table", Table);
