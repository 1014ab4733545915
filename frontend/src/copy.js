// <sk-copy>: a button that takes along what is in the box (or the lines) it stands beside.
// `what` ends the button's name ("Copy as CLI"); without it the label of the box does ("Copy Client ID").
// `what=""` leaves it at "Copy".

import { make } from "./make.js";
import { say } from "./say.js";

const SHOWN = 2000; // milliseconds that the button says so

class Copy extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    const what = this.getAttribute("what") ?? this.source.labels?.[0]?.textContent.trim() ?? "";
    this.what = what.replace(/^as /, "");
    const name = `Copy ${what}`.trim(); // it stays, whatever is seen: what has happened is said by itself
    this.button = make("button", { type: "button", class: "quiet", "aria-label": name, onclick: () => this.copy() }, "Copy");
    this.append(this.button);
  }

  get source() {
    return this.querySelector("input, textarea, pre, code");
  }

  async copy() {
    const taken = await this.take(this.source.value ?? this.source.textContent);
    const copied = this.what ? `${this.what} is copied.` : "Copied.";
    say(taken ? copied : "Selected. Now copy it with Ctrl-C.");
    this.button.textContent = taken ? "Copied" : "Selected";
    this.classList.toggle("copied", taken);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.button.textContent = "Copy";
      this.classList.remove("copied");
    }, SHOWN);
  }

  /** The clipboard is there on https and loopback alone; elsewhere what is selected can still be copied. */
  async take(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      if (this.source.select) this.source.select();
      else getSelection().selectAllChildren(this.source);
      return document.execCommand("copy");
    }
  }
}

if (!customElements.get("sk-copy")) customElements.define("sk-copy", Copy); // two scripts of one page may bring it
