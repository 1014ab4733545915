// A form is sent once: its buttons rest until the next page comes, or this one is come back to.

const PATIENCE = 10_000; // milliseconds; an answer that is a download leaves the page as it is

function rest(form) {
  for (const button of form.querySelectorAll("button:not([type=button]):enabled")) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true"); // so that only those wake which rest because of this
  }
}

function wake(form) {
  for (const button of form.querySelectorAll("button[aria-busy]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  setTimeout(() => rest(form)); // after the browser has noted which button it was
  setTimeout(() => wake(form), PATIENCE);
});

addEventListener("pageshow", () => {
  for (const form of document.forms) wake(form);
});
