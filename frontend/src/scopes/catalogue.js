// The catalogue of scopes, fetched once and kept by the browser, and what is found in it.

const ACCESSES = { read: "Read", write: "Write" };
const FACES = { rest: "REST", gql: "GraphQL", openid: "Identity" };

class Entry {
  constructor([scope, title, description, places], operations) {
    const [root, module, access, resource] = scope.split(":");
    this.scope = scope;
    this.title = title;
    this.description = description;
    this.api = root in FACES ? root : "openid";
    this.face = FACES[this.api];
    this.module = module ?? null;
    this.access = access ?? null;
    this.resource = resource ?? null;
    this.depth = scope.split(":").length - 1;
    this.children = [];
    this.demanded = places.length > 0;
    this.opens = places.length; // and what its children open, once they are known
    const opened = places.flatMap((at) => operations[at]);
    this.words = [scope, title, description, ...opened].join(" ").toLowerCase();
    this.moduleTitle = this.api === "openid" || this.module ? title : "All modules";
  }

  /** Its place in the tree, in words: never the scope itself, which is the name of its box in the table. */
  get name() {
    if (this.api === "openid") return this.description;
    if (!this.module) return `Everything over ${this.face}`;
    return [this.title, this.access, this.resource].filter(Boolean).join(": ");
  }

  /** The same, where the tree says already what is above. */
  get label() {
    if (this.api === "openid") return this.description;
    if (!this.module) return this.face;
    return this.resource ?? ACCESSES[this.access] ?? this.title;
  }
}

export class Catalogue {
  constructor({ scopes, operations }) {
    const told = operations.map(([method, path, field, title]) => [`${method} ${path}`, field, title]);
    this.entries = scopes.map((each) => new Entry(each, told));
    this.places = new Map(this.entries.map((entry, at) => [entry.scope, at]));
    this.roots = [];
    for (const entry of this.entries) {
      const parent = this.get(entry.scope.slice(0, entry.scope.lastIndexOf(":")));
      entry.parent = parent; // it stands before its children
      if (parent) parent.children.push(entry);
      else this.roots.push(entry);
    }
    this.parentsDeepestFirst = this.entries.filter((each) => each.children.length).sort((a, b) => b.depth - a.depth);
    for (const parent of this.parentsDeepestFirst) {
      parent.opens += parent.children.reduce((sum, child) => sum + child.opens, 0);
    }
  }

  get(scope) {
    return this.entries[this.places.get(scope)];
  }

  has(scope) {
    return this.places.has(scope);
  }

  inOrder(scopes) {
    return [...scopes].sort((a, b) => this.places.get(a) - this.places.get(b));
  }

  children = (scope) => (this.get(scope)?.children ?? []).map((child) => child.scope);

  /** The entries that have all these words, and are of this API, module and access, where one is asked for. */
  find({ text = "", api = "", module = "", access = "" }) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return this.entries.filter(
      (entry) =>
        (!api || entry.api === api) &&
        (!module || entry.module === module) &&
        (!access || entry.access === access) &&
        words.every((word) => entry.words.includes(word)),
    );
  }
}

const SORTED_BY = { scope: "scope", api: "face", module: "moduleTitle", description: "description" };

/** In the order of this column (`-module`: the other way round); of the catalogue where none is named. */
export function sorted(entries, sort) {
  const column = SORTED_BY[sort.replace("-", "")];
  if (!column) return entries;
  const way = sort.startsWith("-") ? -1 : 1;
  return [...entries].sort((a, b) => way * (a[column] < b[column] ? -1 : a[column] > b[column] ? 1 : 0));
}

export async function fetched(address) {
  const reply = await fetch(address, { credentials: "same-origin" });
  if (!reply.ok) throw new Error(`the catalogue is not there: ${reply.status}`);
  return new Catalogue(await reply.json());
}
