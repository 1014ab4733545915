// Lists whose results follow their filters. htmx asks and puts in place; this keeps addresses short, says how many there
// are, offers to clear what narrows the list, and leaves for a whole page when what comes back is none of the list.

import { say } from "./say.js";

document.addEventListener("htmx:configRequest", ({ detail }) => {
  for (const [name, value] of [...detail.formData]) if (value === "") detail.formData.delete(name);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, pathInfo } = detail;
  const answered = xhr.responseURL && new URL(xhr.responseURL).pathname;
  const asked = new URL(pathInfo.requestPath, location.href).pathname;
  if (xhr.status < 400 && answered === asked) return;
  detail.shouldSwap = false; // the session has ended, or the server says no: let it say so on a page of its own
  location.assign(pathInfo.finalRequestPath);
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  const count = target.querySelector?.("[data-count], .empty h2");
  if (count) say(count.textContent.trim());
});

document.addEventListener("htmx:sendError", () => say("The server cannot be reached just now."));

/** Does a field say anything that it does not say at first? */
function narrows(field) {
  if (field.tagName === "SELECT") return field.selectedIndex > 0;
  return field.type !== "hidden" && field.value !== "";
}

function mark(form) {
  form.classList.toggle("narrowed", [...form.querySelectorAll("input, select")].some(narrows));
}

for (const form of document.querySelectorAll(".filters")) {
  mark(form);
  form.addEventListener("input", () => mark(form));
  // What was typed there was asked for already. Asked again when the box is left, the list would lose what is ticked.
  form.querySelector("input[type=search]")?.addEventListener("change", (event) => event.stopPropagation());
}
