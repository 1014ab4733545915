/* Passkeys (Web Authentication): asks the browser what a form says, writes what it answers into the form, and sends it.

   <form method="post" action="…" data-passkey="ask" data-options="{…}" data-said-none="…" data-said-known="…"
     data-said-failed="…">
     <input type="hidden" name="answer" value="">
     <button type="submit" data-passkey-go hidden>…</button>
   </form>

   data-passkey    `ask`: a passkey is proven; `make`: one is made.
   data-options    PublicKeyCredentialRequestOptions or …CreationOptions as JSON, with bytes as base64url.
   data-said-…     what is said where none came (refused, cancelled, too late), where this authenticator has one
                   already, and where the browser cannot.
   data-autofill   the browser offers passkeys at once, in a field with `autocomplete="… webauthn"`.
   hidden          is taken from the form and from its button where the browser knows passkeys, and nowhere else: without
                   it, and without scripts, a page is complete as it is. */

const WAYS = {
  ask: (wanted) => navigator.credentials.get(wanted),
  make: (wanted) => navigator.credentials.create(wanted),
};

const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const textOf = (bytes) =>
  btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/* What is offered in the field of the name; a button that is pressed comes before it. */
let offer = new AbortController();

function optionsOf(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytesOf(options.challenge);
  if (options.user) options.user.id = bytesOf(options.user.id);
  for (const listed of [options.allowCredentials, options.excludeCredentials])
    for (const each of listed ?? []) each.id = bytesOf(each.id);
  return options;
}

function answerOf({ id, type, rawId, response }) {
  const said = { transports: response.getTransports?.() };
  for (const part of PARTS) if (response[part]) said[part] = textOf(response[part]);
  return JSON.stringify({ id, type, rawId: textOf(rawId), response: said });
}

async function ask(form, how) {
  const credential = await WAYS[form.dataset.passkey]({ publicKey: optionsOf(form), ...how });
  form.elements.answer.value = answerOf(credential);
  form.submit();
}

async function offerIn(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  offer = new AbortController();
  try {
    await ask(form, { mediation: "conditional", signal: offer.signal });
  } catch {
    /* Nobody took it, and nobody asked for anything. */
  }
}

function say(form, words) {
  form.querySelector("[role=alert]")?.remove();
  if (!words) return;
  const said = document.createElement("p");
  said.className = "alert";
  said.setAttribute("role", "alert");
  said.textContent = words;
  form.querySelector("[data-passkey-go]").before(said);
}

function wordsFor(form, error) {
  if (error.name === "InvalidStateError") return form.dataset.saidKnown;
  return error.name === "NotAllowedError" ? form.dataset.saidNone : form.dataset.saidFailed;
}

async function go(form) {
  const button = form.querySelector("[data-passkey-go]");
  button.disabled = true;
  offer.abort();
  say(form, "");
  try {
    await ask(form, {});
  } catch (error) {
    say(form, wordsFor(form, error));
    button.disabled = false;
    button.focus();
    if ("autofill" in form.dataset) offerIn(form);
  }
}

if (window.PublicKeyCredential)
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = form.querySelector("[data-passkey-go]").hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go(form);
    });
    if ("autofill" in form.dataset) offerIn(form);
  }
