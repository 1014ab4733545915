// The short-lived token with which a page of the console calls the API: made there for exactly the scopes that are asked
// for, in the administrator's name. It is in this page's memory only: no storage, no address, no element ever has it.

const EARLY = 30_000; // milliseconds before its end at which a token is not begun with any more

/** The console made no token, and says why. `phase` as `poster` has it; `unknown`: the scopes that there are not. */
export class NoToken extends Error {
  constructor({ phase = "denied", words = "", body }) {
    super(words);
    Object.assign(this, { phase, unknown: body?.unknown ?? [] });
  }
}

/** One token at a time, for all that ask on this page. Another one takes its place, and it is revoked.
 *
 *  A token is `{ text, id, scope, ends, leftOut }`: the scopes that it was given, its end in milliseconds, and the
 *  identity scopes that it does without. */
export class TokenKeeper {
  #post;
  #address;
  #held; // the token, and for which scopes it was asked
  #waiting = Promise.resolve();

  /** `post` is what `poster` gives; the console makes tokens at `address`. */
  constructor(post, address) {
    this.#post = post;
    this.#address = address;
  }

  /** A token with these scopes (a text, a space between them). Throws NoToken. */
  get(scope) {
    return this.#inTurn(() => (this.#serves(scope) ? this.#held.token : this.#made(scope)));
  }

  /** Another one; where the API did not take `refused`: unless somebody here has had that replaced. Throws NoToken. */
  renew(scope, refused) {
    const replaced = () => refused && refused !== this.#held?.token.text && this.#serves(scope);
    return this.#inTurn(() => (replaced() ? this.#held.token : this.#made(scope)));
  }

  #serves(scope) {
    return this.#held?.asked === scope && Date.now() < this.#held.token.ends - EARLY;
  }

  /** One after the other: whoever asks for the same meanwhile finds it made, and each replaces the one before. */
  #inTurn(act) {
    const turn = this.#waiting.then(act);
    this.#waiting = turn.catch(() => {});
    return turn;
  }

  async #made(asked) {
    const reply = await this.#post(this.#address, { scope: asked, previous: this.#held?.token.id ?? "" });
    const made = reply.body;
    if (!made?.access_token) {
      if (reply.phase === "ended") this.#held = undefined;
      throw new NoToken(reply);
    }
    const ends = Date.now() + made.expires_in * 1000;
    const token = { text: made.access_token, id: made.token_id, scope: made.scope, ends, leftOut: made.left_out ?? [] };
    this.#held = { asked, token };
    return token;
  }
}
