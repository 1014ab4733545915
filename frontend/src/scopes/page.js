// The page of its own: what is selected and looked for is in the address; what a scope opens is shown below its row; the
// links and forms of the page take the selection along; and what an application holds is compared as one ticks.

import { carry, LONGEST_LINK } from "../carried.js";
import { make } from "../make.js";
import { Scopes } from "./visualizer.js";

const LATER = 150; // milliseconds without a tick after which the server is asked

class ScopesPage extends Scopes {
  /** A deep link opens its row. */
  follow() {
    const chosen = this.querySelector(".chosen");
    const forms = chosen.querySelector("details"); // open, they make it too high to stay in view
    const tell = () => this.style.setProperty("--chosen", `${forms.open ? 0 : chosen.offsetHeight}px`);
    new ResizeObserver(tell).observe(chosen);
    addEventListener("hashchange", () => this.reveal());
    this.reveal();
  }

  reveal() {
    const entry = this.catalogue.get(decodeURIComponent(location.hash.slice(1)));
    if (!entry) return;
    if (!this.shown.includes(entry)) {
      this.unsift();
    }
    if (this.table.open?.entry !== entry) this.open(entry);
  }

  async open(entry) {
    if (this.table.open?.entry === entry) {
      this.table.close();
      history.replaceState(history.state, "", location.pathname + location.search);
      return;
    }
    const content = make("div", { class: "opens", "aria-live": "polite" }, make("p", { class: "hint" }, "Looking it up."));
    const row = this.table.opened(entry, content);
    if (!row) return;
    history.replaceState(history.state, "", `#${entry.scope}`);
    row.element.scrollIntoView({ block: "nearest" });
    content.innerHTML = await this.part(`/console/scopes/${entry.scope}`); // our own template, escaped there
    row.element.nextElementSibling?.scrollIntoView({ block: "nearest" });
    content.addEventListener("click", (event) => {
      const scope = event.target.closest("a[data-scope]")?.dataset.scope;
      if (!scope) return;
      event.preventDefault();
      location.hash = scope;
    });
  }

  /** The block of a page that changes. Where the session has ended, the whole page says so. */
  async part(address) {
    try {
      const reply = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "results" } });
      if (reply.redirected) location.reload();
      return reply.ok ? await reply.text() : '<p class="hint">That cannot be shown just now.</p>';
    } catch {
      return '<p class="hint">The server cannot be reached just now.</p>';
    }
  }

  /** The address says what is selected and looked for, and so do the links that go on from here. */
  link() {
    const here = new URL(location.href);
    const text = this.selection.join(" ");
    const long = encodeURIComponent(text).length > LONGEST_LINK;
    for (const [name, value] of Object.entries({ ...this.asked, scope: long ? "" : text })) {
      if (value.trim()) here.searchParams.set(name, value);
      else here.searchParams.delete(name);
    }
    const compared = here.searchParams.has("compare");
    if (compared && !text) here.searchParams.set("scope", " ");
    clearTimeout(this.linking);
    this.linking = setTimeout(() => history.replaceState(history.state, "", here), 60); // browsers bound how often
    if (this.carried === text) return;
    const first = this.carried === undefined;
    this.carried = text;
    this.carry(text, long);
    if (compared && !first && !long) this.compare(here);
  }

  carry(text, long) {
    carry(text);
    for (const input of this.querySelectorAll("input[data-carries]")) input.value = text;
    for (const button of this.querySelectorAll("button[data-needs]")) button.disabled = !text || long;
    this.querySelector("[data-long]").hidden = !long;
    const quoted = text.replaceAll('"', "");
    const forms = {
      json: JSON.stringify(this.selection),
      env: `SCOPES="${quoted}"`,
      cli: `scopekeeper app add NAME --type m2m --scope "${quoted}"`,
    };
    for (const [form, value] of Object.entries(forms)) {
      const code = this.querySelector(`[data-as=${form}] code`);
      if (code) code.textContent = value;
    }
  }

  compare(address) {
    clearTimeout(this.comparing);
    this.comparing = setTimeout(async () => {
      const place = this.querySelector("#results");
      const html = await this.part(address.pathname + address.search);
      if (place) place.innerHTML = html;
    }, LATER);
  }
}

customElements.define("sk-scopes", ScopesPage);
