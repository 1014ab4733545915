// <sk-try>: an operation of the REST API, tried where it is told of, with a short-lived token that the console makes.
// Beside it: the language of the examples, chosen once for all of them.

import { linked } from "../linked.js";
import { make } from "../make.js";
import { poster } from "../posting.js";
import { NoToken, TokenKeeper } from "../token.js";

const MOST_SHOWN = 200_000; // characters of an answer that are shown
const LANGUAGE = "example-language";

const errand = document.querySelector("[data-tokens]")?.dataset;
const keeper = errand && new TokenKeeper(poster({ proofName: errand.name, proof: errand.value }), errand.tokens);
const added = new Set(); // scopes that answers have asked for, and somebody here has added
const tags = new Map(); // the entity tag that each path was last answered with

class Trying extends HTMLElement {
  connectedCallback() {
    if (this.form || !keeper) return;
    this.form = this.querySelector("form");
    this.result = make("div", { class: "result" });
    this.said = make("p", { class: "said", role: "status" });
    this.append(this.said, this.result);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.form.addEventListener("input", () => this.offerTag());
    this.closest("details").addEventListener("toggle", () => this.offerTag());
  }

  of(place) {
    return [...this.form.querySelectorAll(`[data-in=${place}]`)];
  }

  /** The address, with what is filled in. What is empty is left out. */
  address() {
    let path = `/api/rest${this.getAttribute("path")}`;
    for (const box of this.of("path")) path = path.replace(`{${box.name}}`, () => encodeURIComponent(box.value));
    const to = new URL(path, location.origin);
    for (const box of this.of("query")) if (box.value) to.searchParams.set(box.name, box.value);
    return to;
  }

  /** The scopes of the token: those that are selected, else the one that is needed; and what was added here. */
  scope() {
    const selected = errand.scope || this.getAttribute("scope");
    return [...new Set([...selected.split(" "), ...added])].join(" ");
  }

  /** The entity tag of the record as it was last read here, ready to be sent as a condition. */
  offerTag() {
    const [box] = this.of("header");
    const tag = box && tags.get(this.address().pathname);
    const offered = this.form.querySelector("[data-offered]");
    if (!tag || box.value === tag) return offered?.remove();
    if (offered?.dataset.offered === tag) return;
    offered?.remove();
    const fill = () => {
      box.value = tag;
      box.focus();
      this.offerTag();
    };
    box.after(make("button", { type: "button", class: "text", "data-offered": tag, onclick: fill }, "Use the one last read"));
  }

  /** What a browser would not send, or would send elsewhere. */
  unsendable() {
    for (const box of this.of("header")) {
      if (/[^\x20-\x7e]/.test(box.value)) return `${box.name} has a character that no header can have.`;
    }
    for (const box of this.of("path")) {
      if (/^\.\.?$/.test(box.value)) return `${box.name} cannot be ${box.value}: in an address that is another place.`;
    }
  }

  async send() {
    const wrong = this.unsendable();
    if (wrong) return this.tell(make("strong", { class: "bad" }, "Not sent."), ` ${wrong}`);
    const button = this.form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    this.result.replaceChildren();
    this.tell("Sending.");
    try {
      await this.sendWith(await keeper.get(this.scope()));
    } catch (error) {
      this.failed(error);
    } finally {
      button.removeAttribute("aria-busy");
      const sure = this.form.querySelector("[data-sure]");
      if (sure) sure.checked = false; // every change is meant by itself
    }
  }

  async sendWith(token, again = false) {
    const [body] = this.of("body");
    const headers = { authorization: `Bearer ${token.text}` };
    for (const box of this.of("header")) if (box.value) headers[box.name] = box.value;
    if (body) headers["content-type"] = this.getAttribute("media");
    const [begun, method, address] = [performance.now(), this.getAttribute("method"), this.address()];
    // The token is in the header; whoever is signed in here is no matter of the API's.
    const asked = { method, headers, body: body?.value, credentials: "omit", cache: "no-store" };
    const answer = await fetch(address, asked);
    if (answer.status === 401 && !again) {
      return this.sendWith(await keeper.renew(this.scope(), token.text), true);
    }
    const text = await answer.text();
    const took = Math.round(performance.now() - begun);
    const tag = answer.headers.get("etag");
    if (tag) tags.set(address.pathname, tag);
    else if (answer.ok && method !== "GET") tags.delete(address.pathname);
    this.show(answer, text, took);
  }

  show(answer, text, took) {
    const lacking = lackedIn(answer);
    const words = answer.statusText || "";
    this.tell(
      make("strong", { class: answer.ok || answer.status === 304 ? "good" : "bad" }, `${answer.status} ${words}`.trim()),
      ` in ${took} ms${text ? "" : ", without a body"}.`,
      ...(lacking.length ? [" The token lacks ", make("code", {}, lacking.join(" ")), "."] : []),
    );
    const parts = [];
    if (lacking.length) {
      const add = () => this.add(lacking);
      parts.push(make("button", { type: "button", class: "quiet", onclick: add }, "Add and send again"));
    }
    const to = `${this.getAttribute("method")} ${this.getAttribute("path")}`;
    if (text) parts.push(lines(pretty(text), `Body of the answer: ${to}`));
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    parts.push(make("details", {}, make("summary", {}, "Headers"), lines(headers, `Headers of the answer: ${to}`)));
    this.result.replaceChildren(...parts);
    for (const each of [this.result, this.said]) each.scrollIntoView({ block: "nearest" }); // what matters most comes last
  }

  /** What is lacking is asked for from now on, on this page. A change was meant a moment ago, and is not done yet. */
  add(scopes) {
    for (const scope of scopes) added.add(scope);
    this.send();
  }

  failed(error) {
    if (error instanceof NoToken && error.phase === "ended") {
      const here = make("a", { href: location.href }, "Sign in again");
      this.tell("Your session has ended. ", here, " and come back here.");
    } else if (error instanceof NoToken) {
      const { before, name, to, after } = linked(error.message);
      this.tell(make("strong", { class: "bad" }, "No token."), ` ${before}`, ...(to ? [make("a", { href: to }, name), after] : []));
    } else this.tell(make("strong", { class: "bad" }, "No answer."), " The server cannot be reached just now.");
  }

  tell(...words) {
    this.said.replaceChildren(...words);
  }
}

/** The scopes that a refusal says are missing (RFC 6750 §3). */
function lackedIn(answer) {
  if (answer.status !== 403) return [];
  return /\bscope="([^"]*)"/.exec(answer.headers.get("www-authenticate") ?? "")?.[1].split(" ") ?? [];
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function lines(text, label) {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n… and ${text.length - MOST_SHOWN} characters more` : text;
  return make("pre", { tabindex: "0", role: "region", "aria-label": label }, make("code", {}, shown));
}

customElements.define("sk-try", Trying);

// What is chosen for one example is chosen for all, and remembered: which language is no secret.

function speak(ending) {
  for (const each of document.querySelectorAll(`[data-language][value="${CSS.escape(ending)}"]`)) each.checked = true;
}

function remembered() {
  try {
    return localStorage.getItem(LANGUAGE);
  } catch {
    return null;
  }
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-language]")) return;
  const top = target.getBoundingClientRect().top;
  speak(target.value);
  scrollBy({ top: target.getBoundingClientRect().top - top, behavior: "instant" }); // the examples above have grown or shrunk
  try {
    localStorage.setItem(LANGUAGE, target.value);
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
});

if (remembered()) speak(remembered());
