"""What tests of the modules read in an answer."""

from typing import Any

from tests.api.house import Answer


def refused(answer: Answer, path: str) -> str:
    """What is told of the value at this path."""
    assert answer.status == 422, answer.body
    assert [error["path"] for error in answer.json["errors"]] == [path]
    return str(answer.json["errors"][0]["detail"])


def named(value: Any) -> Any:
    """Without what is null: one of several is told with all of them."""
    if isinstance(value, dict):
        return {name: named(each) for name, each in value.items() if each is not None}
    return [named(each) for each in value] if isinstance(value, list) else value
