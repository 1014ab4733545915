// <time>: moments as the reader's clock has them, with how long ago and UTC on hover.

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

const DAY = 86_400_000;

/** "Today 14:05", "Yesterday 09:12", "24 Nov 09:12", "24 Nov 2025". */
export function local(moment, now = new Date()) {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const days = Math.round((new Date(moment).setHours(0, 0, 0, 0) - midnight) / DAY);
  const near = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[days];
  if (near) return `${near} ${clock.format(moment)}`;
  return Math.abs(days) < 180 ? `${day.format(moment)} ${clock.format(moment)}` : date.format(moment);
}

/** Every moment below this element that has not been seen yet. `data-kept` keeps its words: "in 2 hours". */
function localize(root) {
  for (const each of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const moment = new Date(each.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    const said = local(moment);
    const words = each.textContent.trim();
    each.dataset.local = "";
    each.title = `${"kept" in each.dataset ? said : words} · ${each.title}`;
    if (!("kept" in each.dataset)) each.textContent = said;
  }
}

localize(document);
document.addEventListener("htmx:load", (event) => localize(event.target));
