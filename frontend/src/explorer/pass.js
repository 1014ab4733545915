// The explorer's token, and what a page tells of it: made for the selected scopes, renewed before it ends while the page
// is used, and said to be gone where it is. The token itself is kept as every page's is (token.js).

import { NoToken, TokenKeeper } from "../token.js";

const SPARE = 45; // seconds before its end at which a token is renewed
const LEAST = 5; // seconds that it must have left when something is run with it
const IDLE = 300; // seconds without a key or a click after which nobody renews it

export class Pass {
  #keeper;
  #post;
  #token = null;
  #asking = null;
  #timer = 0;
  #used = Date.now();

  constructor(post) {
    this.#post = post;
    this.#keeper = new TokenKeeper(post, "/console/explorer/token");
    this.state = { phase: "asking" };
    this.heard = new Set();
    for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => (this.#used = Date.now()), true);
  }

  subscribe = (listener) => {
    this.heard.add(listener);
    return () => this.heard.delete(listener);
  };

  #is(state) {
    this.state = state;
    for (const listener of this.heard) listener();
  }

  /** From now on these scopes. The token of before is revoked where the new one is made. */
  select(scope) {
    this.scope = scope;
    this.#asking = null;
    return this.renew();
  }

  /** The token, with time left. Throws NoToken; `state.phase` says why, for people. */
  async token() {
    if (this.#asking) return this.#asking;
    if (this.state.phase === "held" && this.left > LEAST) return this.#token;
    if (this.state.phase === "revoked") throw new NoToken({ words: "The token was revoked." });
    return this.renew();
  }

  /** Seconds until it ends. */
  get left() {
    return ((this.state.end ?? 0) - Date.now()) / 1000;
  }

  /** The server took it no more. Whoever revoked it meant it: another one is made by whoever asks for it. Else, a fresh
   *  one: clocks differ, and computers sleep. Null where there is none. */
  async refused(token) {
    if (token !== this.#token) return this.token();
    if (this.left > LEAST) {
      this.#is({ ...this.state, phase: "revoked", by: this.state.by ?? "somebody" });
      return null;
    }
    return this.renew();
  }

  /** A new token in place of this one. Throws NoToken. */
  renew() {
    const asking = this.#ask(this.scope).finally(() => {
      if (this.#asking === asking) this.#asking = null;
    });
    this.#asking = asking;
    return asking;
  }

  async #ask(scope) {
    if (this.state.phase !== "held") this.#is({ ...this.state, phase: "asking" });
    const made = await this.#keeper.renew(scope).catch((refused) => refused);
    if (scope !== this.scope) return this.token(); // chosen anew meanwhile
    if (made instanceof Error) {
      this.#token = null;
      this.#is({ phase: made.phase, words: made.message, unknown: made.unknown });
      throw made;
    }
    this.#token = made.text;
    this.#is({ phase: "held", id: made.id, scope: made.scope, end: made.ends, leftOut: made.leftOut });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#renewIfUsed(), Math.max(LEAST, this.left - SPARE) * 1000);
    return made.text;
  }

  #renewIfUsed() {
    const idle = (Date.now() - this.#used) / 1000;
    if (this.state.phase !== "held") return;
    if (idle < IDLE && !document.hidden) this.renew().catch(() => {});
    else this.#timer = setTimeout(() => this.#over(), Math.max(0, this.left * 1000));
  }

  /** Nobody was there to renew it: the next document that is run makes another. */
  #over() {
    if (this.state.phase === "held") this.#is({ ...this.state, phase: "over" });
  }

  /** Revoked, by who looks at this page. */
  async revoke() {
    const { id } = this.state;
    const reply = await this.#post("/console/tokens/revoke", { id });
    if (reply.phase) return this.#is({ ...this.state, words: reply.words, phase: reply.phase });
    this.#token = null;
    this.#is({ ...this.state, phase: "revoked", by: "you" });
  }
}
