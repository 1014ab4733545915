// Elements, made by name, attributes and what is in them. Text stays text: nothing here reads HTML.

/** `make("button", { type: "button", onclick: … }, "Copy")`. A function is a listener; null and false leave it out. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}
