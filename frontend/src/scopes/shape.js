// What the visualizer is made of, where no page brings it: within a form it is built here, more compact.

import { make } from "../make.js";

const radio = (name, value, words, label) =>
  make("label", {}, make("input", { type: "radio", name, value, checked: value === "", "aria-label": label }), make("span", {}, words));

function choice(name, legend, options) {
  return make(
    "fieldset",
    { class: "choice-of" },
    make("legend", { class: "unseen" }, legend),
    ...options.map(([value, words]) => radio(name, value, words, value === "" ? `${legend}: ${words}` : words)),
  );
}

const columns = [
  ["scope", "Scope"],
  ["description", "Description"],
];

/** The picker of this field, in place of the check boxes that serve without scripts. */
export function built(host) {
  const field = host.getAttribute("field");
  const wrong = host.querySelector(".error");
  const text = make("textarea", {
    id: `${field}-selected`,
    name: field,
    rows: "2",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "none",
    "data-selected": true,
    "aria-describedby": `${field}-told${wrong ? ` ${wrong.id}` : ""}`,
    "aria-invalid": wrong ? "true" : null,
  });
  text.value = host.getAttribute("selected");
  host.replaceChildren(
    make(
      "div",
      { class: "chosen" },
      make(
        "div",
        { class: "line" },
        make("label", { for: text.id }, "Selected Scopes"),
        make("output", { "data-many": true, for: text.id }),
        make("button", { type: "button", class: "text", "data-collapse": true, hidden: true }, "Collapse to parents"),
        make("button", { type: "button", class: "text", "data-clear": true, hidden: true }, "Clear"),
      ),
      ...(wrong ? [wrong] : []),
      text,
      make("p", { class: "told", id: `${field}-told`, "data-told": true }),
    ),
    make(
      "div",
      { class: "sift", role: "search", "aria-label": "Scopes", "data-sift": true },
      make(
        "div",
        { class: "field find" },
        make("input", { type: "search", "aria-label": "Search scopes", placeholder: "Search scopes", autocomplete: "off", spellcheck: "false", maxlength: "200", "data-text": true }),
      ),
      choice("", "API type", [["", "All"], ["rest", "REST"], ["gql", "GraphQL"], ["openid", "Identity"]]),
      choice("", "Access", [["", "All"], ["read", "Read"], ["write", "Write"]]),
    ),
    make(
      "div",
      { class: "panes" },
      make("div", { class: "tree", "data-tree": true }),
      make(
        "div",
        { class: "list" },
        make(
          "div",
          { class: "line" },
          make("p", { class: "hint", "data-found": true }),
          make("button", { type: "button", class: "quiet small", "data-all": true }, "Select all shown"),
        ),
        make(
          "div",
          { class: "table", tabindex: "0", role: "region", "aria-label": "Table of scopes" },
          make(
            "table",
            { class: "ledger" },
            make(
              "thead",
              {},
              make(
                "tr",
                { role: "row" },
                make("th", { class: "pick", role: "columnheader" }, make("span", { class: "unseen" }, "Selected")),
                ...columns.map(([name, words]) =>
                  make("th", { scope: "col", role: "columnheader", "data-sort": name }, make("a", { href: "#" }, words)),
                ),
              ),
            ),
            make("tbody"),
          ),
          more(),
        ),
      ),
    ),
  );
  name(host, field);
}

const more = () => make("p", { class: "more", "data-more": true, hidden: true }, make("button", { type: "button", class: "quiet small" }, "Show more"));

/** Radio buttons of one question share a name; it begins with a dash, so that the form's reader does not know it. */
function name(host, field) {
  host.querySelectorAll("fieldset").forEach((set, at) => {
    for (const input of set.querySelectorAll("input")) {
      input.name = `-${field}-${at}`;
      input.dataset.of = at === 0 ? "api" : "access";
    }
  });
}
