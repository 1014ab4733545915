// The selected scopes go along: from the visualizer to the explorer and the documentation, in the addresses of the
// navigation, and by way of any other page in what this tab remembers. Scopes are no secret.

const KEPT = "selected-scopes";
export const LONGEST_LINK = 7_000; // characters that every server and proxy on the way takes

/** From now on this is selected, wherever one goes. */
export function carry(text) {
  remember(text);
  const long = encodeURIComponent(text).length > LONGEST_LINK;
  for (const link of document.querySelectorAll("a[data-carries]")) {
    const to = new URL(link.href);
    if (text && !long) to.searchParams.set("scope", text);
    else to.searchParams.delete("scope");
    link.href = to;
  }
  return long;
}

/** What this tab has selected last. */
export function remembered() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function remember(text) {
  try {
    if (text) sessionStorage.setItem(KEPT, text);
    else sessionStorage.removeItem(KEPT);
  } catch {
    // A browser that keeps nothing: the addresses carry it still.
  }
}
