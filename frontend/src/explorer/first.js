// The first document: the simplest that reads, of what this schema has. With a word on what can be done.

import { getNamedType, isLeafType, isObjectType, isRequiredArgument } from "graphql";

const MOST_FIELDS = 5;
const PATIENCE = 5000; // milliseconds

/** The scope that a root field says it needs, in its description. */
export const scopeOf = (field) => /Scope: `([^`]+)`/.exec(field?.description ?? "")?.[1] ?? "";

/** A document that runs as it stands; or one of comments, which says why there is none. */
export function firstOf(schema) {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const plain = fields.filter((field) => !field.deprecationReason && field.args.every((each) => !isRequiredArgument(each)));
  const [simplest] = plain.filter((field) => chosenOf(field)).sort((one, other) => effort(one) - effort(other));
  if (!simplest) return needsKeys(fields);
  const paged = simplest.args.some((each) => each.name === "first") ? "(first: 5)" : "";
  const name = simplest.name[0].toUpperCase() + simplest.name.slice(1);
  return `# Ctrl-Enter runs this. Ctrl-Space says
# what may stand at the cursor. The field
# tree writes documents for you.
query ${name} {
  ${simplest.name}${paged} {
${chosenOf(simplest)}
  }
}
`;
}

/** Where the first document is awaited: whoever runs before it is there runs it. */
export class First {
  #placed;
  #there = new Promise((placed) => (this.#placed = placed));
  #awaited = true;

  place(text) {
    this.#awaited = false;
    this.#placed(text);
  }

  /** The document, once it is there; empty where it has been before, or does not come. */
  wait() {
    return this.#awaited ? Promise.race([this.#there, new Promise((late) => setTimeout(late, PATIENCE, ""))]) : "";
  }
}

function needsKeys(fields) {
  if (!fields.some((field) => scopeOf(field))) {
    return `# These scopes read nothing over GraphQL, so there is nothing to show here yet.
# Choose a scope that reads: gql:…:read
`;
  }
  return `# Whatever these scopes read wants to be named: Ctrl-Space says how.
query {

}
`;
}

/** Modules with resources of their own (four words) come later; of the others, whichever takes the fewest arguments. */
const effort = (field) => scopeOf(field).split(":").length * 10 + field.args.length;

function chosenOf(field) {
  const type = getNamedType(field.type);
  if (!isObjectType(type) || !scopeOf(field)) return "";
  const nodes = type.getFields().nodes;
  const inside = nodes ? getNamedType(nodes.type) : type;
  const leaves = Object.values(inside.getFields?.() ?? {})
    .filter((each) => isLeafType(getNamedType(each.type)) && !each.args.some(isRequiredArgument))
    .slice(0, MOST_FIELDS)
    .map((each) => each.name);
  if (!leaves.length) return "";
  if (!nodes) return leaves.map((name) => `    ${name}`).join("\n");
  return ["    nodes {", ...leaves.map((name) => `      ${name}`), "    }"].join("\n");
}
