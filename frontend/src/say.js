// What a screen reader is told without the focus moving: one polite live region for the whole page.

const region = document.createElement("p");
region.className = "unseen";
region.setAttribute("role", "status");
document.body.append(region);

/** Have this said. The same words twice in a row are said twice. */
export function say(words) {
  region.textContent = "";
  setTimeout(() => (region.textContent = words), 50);
}
