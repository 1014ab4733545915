// Long lists, a slice at a time: what fits on the screen at once, some more as soon as there is time, the rest when it
// is scrolled to. So a list of thousands costs what its first screen does.

const FIRST = 48;
const SLICE = 64;
const UNASKED = 256; // this many are there without being scrolled to

export class Slices {
  /** `parent` gets what `make(item)` makes. `end` stands behind the list: when it comes near, more is added. */
  constructor(parent, make, end) {
    this.parent = parent;
    this.make = make;
    this.end = end;
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.add(), { rootMargin: "600px" }).observe(end);
  }

  show(items) {
    this.items = items;
    this.shown = 0;
    this.parent.replaceChildren();
    this.add(FIRST);
    this.soon();
  }

  /** Until this item is there. */
  reach(item) {
    const at = this.items.indexOf(item);
    if (at >= this.shown) this.add(at - this.shown + 1);
  }

  add(count = SLICE) {
    const slice = (this.items ?? []).slice(this.shown, this.shown + count);
    this.shown += slice.length;
    this.parent.append(...slice.map(this.make));
    this.end.hidden = this.shown >= (this.items?.length ?? 0);
    this.grown?.();
  }

  soon() {
    cancelAnimationFrame(this.frame);
    if (this.shown >= Math.min(this.items.length, UNASKED)) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = requestAnimationFrame(() => {
        this.add();
        this.soon();
      });
    });
  }
}
