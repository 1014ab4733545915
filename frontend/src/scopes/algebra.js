// What covers what, as scopekeeper.scopes has it: a scope covers itself and all below it. Selections are lists of scopes,
// in the order in which they were ticked. tests/browser holds this to the server's own rules.

/** The scope and all that stand above it, the widest first. */
export function lineage(scope) {
  const parts = scope.split(":");
  return parts.map((_, depth) => parts.slice(0, depth + 1).join(":"));
}

/** What of `held` (a Set) covers this scope; the widest, or nothing. */
export const cover = (held, scope) => lineage(scope).find((each) => held.has(each));

/** What stands above the scope. */
export const above = (scope) => lineage(scope).slice(0, -1);

/** Those that are not covered by others among them. */
export function uncovered(scopes) {
  const all = new Set(scopes);
  return [...all].filter((scope) => !above(scope).some((each) => all.has(each)));
}

/** With these besides. What one of them covers goes: it says nothing more. */
export function ticked(selection, scopes) {
  const held = new Set(selection);
  const fresh = new Set(scopes.filter((scope) => !cover(held, scope)));
  return uncovered([...selection.filter((scope) => !above(scope).some((each) => fresh.has(each))), ...fresh]);
}

/**
 * Without this one. Where a parent covers it, the parent's other children take that one's place: all that was selected
 * stays so, but for this scope, and for what the parent alone demanded. `children(scope)` are those one step below.
 */
export function unticked(selection, scope, children) {
  return selection.flatMap((each) => {
    if (each === scope) return [];
    const path = lineage(scope);
    const at = path.indexOf(each);
    if (at < 0) return [each];
    return path.slice(at, -1).flatMap((node, step) => children(node).filter((child) => child !== path[at + step + 1]));
  });
}

/** The same reach in fewer scopes, in the order of the catalogue (`scopes.collapse`): `covers(entry)` says what is so. */
export function collapsed(selection, catalogue, covers) {
  const kept = new Set(selection);
  for (const { scope, children, demanded } of catalogue.parentsDeepestFirst) {
    if (demanded || children.length < 2) continue;
    if (children.every((child) => covers(child) || kept.has(child.scope))) kept.add(scope);
  }
  return catalogue.inOrder(uncovered(kept));
}
