// A link can bring a document that changes things where nobody looks, below the fold, and the scopes for it. So whoever
// followed it is told what it changes, and asked, before that is run for the first time; also after the page was loaded
// anew, or by another link, for GraphiQL keeps the document.

import { Kind, parse } from "graphql";

const KEPT = "brought";
const MOST_KEPT = 500;
const MOST_NAMED = 20;

/** The changes that a link has brought, and nobody has said yes to. */
export class Doubt {
  #fields;
  #storage;

  /** `text` is what this page's link has brought, if it has; what others brought before is in the storage. */
  constructor(text, storage) {
    this.#storage = storage;
    const brought = mutationsOf(text).flatMap((each) => each.fields);
    this.#fields = new Set([...brought, ...(storage.getItem(KEPT) ?? "").split(" ").filter(Boolean)].slice(0, MOST_KEPT));
    if (brought.length) this.#keep();
  }

  /** May this be run? What the link brought is known by its root fields: GraphiQL fills documents in as it runs them. */
  settled({ query, operationName }) {
    if (!this.#fields.size) return true;
    const meant = mutationsOf(query).filter((each) => !operationName || each.name === operationName);
    const doubtful = new Set(meant.flatMap((each) => each.fields).filter((name) => this.#fields.has(name)));
    if (!doubtful.size) return true;
    const named = [...doubtful].slice(0, MOST_NAMED).join(", ");
    if (!confirm(`This document came with a link, and changes the live system: ${named}.\n\nRun it?`)) return false;
    for (const name of doubtful) this.#fields.delete(name);
    this.#keep();
    return true;
  }

  #keep() {
    try {
      this.#storage.setItem(KEPT, [...this.#fields].join(" "));
    } catch {
      // It is full: this holds for the page.
    }
  }
}

/** Each mutation: `{ name, fields }`, with its root fields through fragments of every kind. None where it is no document. */
function mutationsOf(text) {
  try {
    const { definitions } = parse(text ?? "");
    const fragments = new Map(
      definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]),
    );
    return definitions
      .filter((each) => each.operation === "mutation")
      .map((each) => ({ name: each.name?.value, fields: rootsOf(each.selectionSet, fragments, new Set()) }));
  } catch {
    return [];
  }
}

function rootsOf(selectionSet, fragments, entered) {
  return (selectionSet?.selections ?? []).flatMap((each) => {
    if (each.kind === Kind.FIELD) return [each.name.value];
    if (each.kind === Kind.INLINE_FRAGMENT) return rootsOf(each.selectionSet, fragments, entered);
    if (entered.has(each.name.value)) return [];
    entered.add(each.name.value);
    return rootsOf(fragments.get(each.name.value)?.selectionSet, fragments, entered);
  });
}
