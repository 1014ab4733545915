// While one reads, the navigation marks where one is: at what lies across a line in the upper part of the window.

const LINE = 140; // pixels from above: below what stays there, and below the head of what a link has led to

let observer;

function watch() {
  const side = document.querySelector(".docs-side");
  if (!side) return;
  const links = new Map([...side.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const places = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const across = new Set();
  observer?.disconnect();
  observer = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (isIntersecting) across.add(target);
        else across.delete(target);
      }
      const led = atEnd() && links.get(location.hash.slice(1)); // further up it cannot come
      mark(side, led || links.get(places.findLast((each) => across.has(each))?.id));
    },
    { rootMargin: `-${LINE}px 0px -${Math.max(0, innerHeight - LINE - 1)}px 0px` },
  );
  for (const each of places) observer.observe(each);
}

const atEnd = () => scrollY + innerHeight >= document.documentElement.scrollHeight - 2;

function mark(side, link) {
  if (!link || link.hasAttribute("aria-current")) return;
  for (const each of side.querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
  link.setAttribute("aria-current", "location");
  const { top, bottom } = link.getBoundingClientRect();
  const frame = side.getBoundingClientRect();
  if (top < frame.top || bottom > frame.bottom) side.scrollTop += top - frame.top - frame.height / 3;
}

watch();
addEventListener("resize", watch);
document.addEventListener("docs:changed", watch);
