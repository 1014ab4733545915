// The navigation, where it scrolls: the page that one is on is in view. Not by scrollIntoView, from which some browsers
// let the keyboard go on: the first Tab is to reach the link that leads past all this.

const rooms = document.querySelector(".rooms");
const here = rooms?.querySelector("[aria-current]");
if (here) {
  const at = here.getBoundingClientRect();
  const seen = rooms.getBoundingClientRect();
  rooms.scrollBy((at.left + at.right - seen.left - seen.right) / 2, Math.max(0, at.bottom - seen.bottom));
}
