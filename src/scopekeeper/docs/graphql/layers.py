"""How the boxes of a diagram hang together: which of them at all, and which leads to which."""

from collections.abc import Mapping, Sequence

from scopekeeper.docs.graphql.box import Box


def groups_of(boxes: Sequence[Box]) -> list[list[Box]]:
    """The boxes that lines tie to one another."""
    named = {each.name: each for each in boxes}
    ties: dict[str, set[str]] = {each.name: set() for each in boxes}
    for each in boxes:
        for target in targets_of(each, named):
            ties[each.name].add(target)
            ties[target].add(each.name)
    groups: list[list[Box]] = []
    seen: set[str] = set()
    for each in boxes:
        together, waiting = set[str](), [each.name]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                together.add(name)
                waiting += ties[name]
        if together:
            groups.append([box for box in boxes if box.name in together])
    return groups


def layers_of(boxes: Sequence[Box]) -> list[list[Box]]:
    """Each box one layer behind the last that leads to it. A line that closes a circle does not count."""
    named = {each.name: each for each in boxes}
    layer: dict[str, int] = {}
    order: list[str] = []
    open_: set[str] = set()
    closing: set[tuple[str, str]] = set()

    def visit(start: str) -> None:
        waiting = [(start, iter(targets_of(named[start], named)))]
        open_.add(start)
        while waiting:
            name, targets = waiting[-1]
            target = next(targets, None)
            if target is None:
                open_.discard(name)
                order.append(name)
                waiting.pop()
            elif target in open_:
                closing.add((name, target))
            elif target not in order:
                open_.add(target)
                waiting.append((target, iter(targets_of(named[target], named))))

    for each in boxes:
        if each.name not in order:
            visit(each.name)
    for name in reversed(order):
        layer.setdefault(name, 0)
        for target in targets_of(named[name], named):
            if (name, target) not in closing:
                layer[target] = max(layer.get(target, 0), layer[name] + 1)
    layers: list[list[Box]] = [[] for _ in range(max(layer.values()) + 1)]
    for each in boxes:
        layers[layer[each.name]].append(each)
    return [each for each in layers if each]


def targets_of(box: Box, named: Mapping[str, Box]) -> list[str]:
    leads = (target for line in box.lines for target in (line.leads, *line.takes))
    return [target for target in dict.fromkeys(leads) if target in named]
