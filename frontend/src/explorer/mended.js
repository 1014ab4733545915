// What GraphiQL leaves without a name, or out of reach for a keyboard, mended where it stands.

import { useEffect } from "react";

import { scopeOf } from "./first.js";

const TITLE = "Field tree";
const TREE = ".graphiql-explorer-root";
const LABEL = ".graphiql-explorer-node > span[data-field-name]";

/** The editors of CodeMirror are text areas without a name; and Tab, which writes a space there, has to lead out
 *  (WCAG 2.2, 2.1.2). Lines are indented by themselves, and by Ctrl-]. */
export function useNamedEditors(editors) {
  useEffect(() => {
    for (const [editor, name] of editors) {
      if (!editor) continue;
      editor.getInputField().setAttribute("aria-label", name);
      const scrolled = editor.getScrollerElement(); // by keyboard too, as everything that scrolls
      give(scrolled, "tabindex", "0");
      give(scrolled, "role", "group");
      give(scrolled, "aria-label", `${name}, to scroll`);
      editor.addKeyMap({ Tab: false, "Shift-Tab": false, Esc: leave }, true); // what is open in it is closed first
    }
  }, editors.flat());
}

/** Out of an editor, to what runs it. */
const leave = () => document.querySelector(".graphiql-execute-button")?.focus();

/** The field tree: its boxes get names, its fields a role and the keyboard, and root fields the scope that they need. */
export function useMendedTree(container, schema) {
  useEffect(() => {
    if (!container) return;
    const scopes = schema ? scopesOf(schema) : {};
    let asked = 0;
    const mend = () => {
      asked = 0;
      const tree = container.querySelector(TREE);
      if (tree) mendTree(tree, scopes);
      mendRest(container);
    };
    const press = (event) => {
      if (!event.target.matches?.(LABEL) || !["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      event.target.click();
    };
    const soon = () => (asked ||= requestAnimationFrame(mend)); // a key in an editor changes many elements
    const observer = new MutationObserver(soon);
    // React says again what it knows as soon as it changes: the active tab.
    observer.observe(container, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-selected", "class"] });
    container.addEventListener("keydown", press);
    mend();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(asked);
      container.removeEventListener("keydown", press);
    };
  }, [container, schema]);
}

function scopesOf(schema) {
  const roots = [schema.getQueryType(), schema.getMutationType()].filter(Boolean);
  return Object.fromEntries(roots.flatMap((root) => Object.values(root.getFields()).map((each) => [each.name, scopeOf(each)])));
}

function mendTree(tree, scopes) {
  const title = tree.closest(".graphiql-plugin")?.querySelector(".doc-explorer-title")?.firstChild;
  if (title && title.nodeValue !== TITLE) title.nodeValue = TITLE; // it says Explorer, which is the page
  for (const label of tree.querySelectorAll(LABEL)) {
    const field = label.dataset.fieldName;
    give(label, "role", "checkbox");
    give(label, "tabindex", "0");
    give(label, "aria-checked", String(Boolean(label.querySelector("svg[style*=rotate], circle + path"))));
    const scope = isRoot(label) ? scopes[field] : "";
    if (scope) give(label, "data-needs", scope);
    give(label, "aria-label", scope ? `${field}, needs ${scope}` : field);
  }
  for (const input of tree.querySelectorAll("input:not([aria-label])")) {
    const argument = input.closest("[data-arg-name]")?.dataset.argName;
    give(input, "aria-label", argument ?? "Name of the operation");
  }
  for (const select of tree.querySelectorAll("select:not([aria-label])")) {
    give(select, "aria-label", select.closest("[data-arg-name]")?.dataset.argName ?? "Kind of operation");
  }
  for (const button of tree.querySelectorAll("button:not([aria-label])")) {
    give(button, "aria-label", button.title || (button.textContent.trim() === "+" ? "Add an operation" : button.textContent));
  }
}

/** Is it a field of the operation itself? Those that are chosen stand in one more element. */
function isRoot(label) {
  const node = label.closest(".graphiql-explorer-node");
  const outer = node.parentElement.className === `graphiql-explorer-${label.dataset.fieldName}` ? node.parentElement : node;
  return Boolean(outer.parentElement.querySelector(":scope > .graphiql-operation-title-bar"));
}

/** Tabs that hold two buttons each are none to a screen reader: they become a list of buttons, one of them current. */
function mendRest(container) {
  const search = container.querySelector(".graphiql-doc-explorer-search input");
  if (search) give(search, "placeholder", "Find"); // it says Ctrl K, which is the console's
  const list = container.querySelector(".graphiql-tabs");
  if (!list) return;
  give(list, "role", "list");
  for (const tab of list.querySelectorAll(".graphiql-tab")) {
    give(tab, "role", "listitem");
    tab.removeAttribute("aria-selected");
    const button = tab.querySelector(".graphiql-tab-button");
    give(button, "aria-current", String(tab.classList.contains("graphiql-tab-active")));
    button.removeAttribute("aria-controls");
    const close = tab.querySelector(".graphiql-tab-close");
    if (close) give(close, "aria-label", `Close ${button.textContent}`);
  }
  const session = container.querySelector("#graphiql-session");
  give(session, "role", "group");
}

function give(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
