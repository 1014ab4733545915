// <sk-tail src="…" rows="…">: what has come since is put before the rows, every two seconds, while it is switched on and
// looked at. Without it the link inside asks for the page again.

import htmx from "htmx.org";

import { make } from "./make.js";
import { say } from "./say.js";

const EVERY = 2_000; // milliseconds
const LONGEST = 1_800_000; // who forgets it is not taken for somebody at work, whose session goes on
const MOST = 500; // rows that are kept on the page

let until = 0; // it stays on when the filters put another list in place

class Tail extends HTMLElement {
  connectedCallback() {
    if (!this.button) {
      this.button = make("button", { type: "button", class: "quiet small", onclick: () => this.turn() }, "Live");
      this.append(this.button);
    }
    this.tell();
    this.look();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  get on() {
    return Date.now() < until;
  }

  turn() {
    until = this.on ? 0 : Date.now() + LONGEST;
    say(this.on ? "New acts appear as they come." : "The list stands still.");
    this.tell();
    this.look();
  }

  tell() {
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  async look() {
    clearTimeout(this.timer);
    if (!this.on) return this.tell();
    if (!document.hidden) await this.ask();
    if (this.isConnected) this.timer = setTimeout(() => this.look(), EVERY);
  }

  async ask() {
    const rows = document.getElementById(this.getAttribute("rows"));
    const url = new URL(this.getAttribute("src"), location);
    url.searchParams.set("after", rows?.firstElementChild?.dataset.act ?? "");
    const answer = await fetch(url).catch(() => null);
    if (answer === null || answer.status === 204 || !this.isConnected) return;
    if (!answer.ok || answer.redirected || !rows) return location.reload();
    const before = rows.children.length;
    htmx.swap(rows, await answer.text(), { swapStyle: "afterbegin", swapDelay: 0, settleDelay: 0 });
    const come = rows.children.length - before;
    rows.closest("sk-table")?.connectedCallback(); // it says what the new rows are
    for (const row of [...rows.children].slice(0, come)) row.classList.add("fresh");
    for (const row of [...rows.children].slice(MOST)) row.remove();
    say(come === 1 ? "1 new act." : `${come} new acts.`);
  }
}

customElements.define("sk-tail", Tail);
