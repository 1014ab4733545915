// A token that is pasted into a search goes no further: addresses are written down. Where the page has a form that looks
// tokens up, it is looked up by that.

import { say } from "./say.js";

const SECRET = /skpr_[a-z]{2}_[0-9A-Za-z]{49}|eyJ[\w-]{5,}\./;

document.addEventListener("htmx:configRequest", (event) => {
  const [name, value] = [...event.detail.formData].find(([, each]) => SECRET.test(each)) ?? [];
  if (name === undefined) return;
  event.preventDefault();
  event.detail.elt.elements[name].value = "";
  const form = document.querySelector("form[data-look-up]");
  if (form) {
    form.elements.token.value = value;
    form.requestSubmit();
  } else {
    say("That looks like a token: it is neither looked for nor shown. Look it up under Access tokens.");
  }
});
