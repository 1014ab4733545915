"""How hard a password is to guess, judged by zxcvbn with the lists of common passwords, words and names that it brings.

NIST SP 800-63B §3.1.1.2 wants what is commonly used, expected or compromised refused, with what a guesser knows of the
account and of the service among it, and people told why. Nothing is asked of anybody else for that.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from scopekeeper.oauth.people import WeakPassword

LOOKED_AT: Final = 72
"""Characters of a password that are judged: the cost grows with the square of them, to a tenth of a second here."""

_LESS: Final = (48, 32, 24, 16)
"""Characters that are judged instead, where what stands for letters (`4` and `@` for a) can be read in many ways."""

_MOST_READ: Final = 8 * LOOKED_AT**2
"""The square of the characters times the ways to read them: zxcvbn tries each, for up to ten seconds."""

_SHORTEST_WORD: Final = 4
_WORD: Final = re.compile(r"[^\W_]+")
_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What zxcvbn stumbles over: it takes what it looks at for one line."""
_PRODUCT: Final = "scopekeeper"

KNOWN: Final = "Names and addresses of you or of this server are what is tried first."
"""What zxcvbn itself has no words for: it does not say where what it was told of the account comes from."""
MORE: Final = "Add another word or two. Uncommon words are better."
"""As zxcvbn says it: also for what is weak by a setting of ours, and not by its own measure."""

_turn: Final = threading.Lock()
"""zxcvbn keeps what it is told of an account in a global of its own: two at once would judge by each other's."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a password has to be to guess: 0 (any will do) to 4, as zxcvbn counts. `host`: the server's own."""

    least: int = 0
    host: str = ""

    def require(self, password: str, about: Iterable[str | None]) -> None:
        """Is it hard enough, for somebody of whom this is known? Costs up to a quarter of a second of a core.

        Raises WeakPassword, which says what makes it weak.
        """
        if not self.least:
            return
        expected = list(_expected([*about, self.host, _PRODUCT]))
        worth = _without(_LINE.sub(" ", password), expected)
        if not worth:  # of which zxcvbn can make nothing
            raise WeakPassword(KNOWN, MORE)
        found = _judged(_looked_at(worth), expected)
        if found["score"] < self.least:
            raise WeakPassword(*_why(found, expected=worth != password))


ANY: Final = Strength()
"""Whatever `password_of` lets pass."""


def _looked_at(password: str) -> str:
    """As much of it, from its beginning, as is judged within a tenth of a second, or two."""
    from zxcvbn import matching  # type: ignore[import-untyped] # it comes without types

    looked_at = password[:LOOKED_AT]
    for less in _LESS:
        read_as = matching.enumerate_l33t_subs(matching.relevant_l33t_subtable(looked_at, matching.L33T_TABLE))
        if len(looked_at) ** 2 * len(read_as) <= _MOST_READ:
            break
        looked_at = looked_at[:less]
    return looked_at


def _judged(password: str, expected: list[str]) -> dict[str, Any]:
    # 25 ms and 13 MB, which a server that only gives tokens never needs.
    from zxcvbn import matching, zxcvbn

    with _turn:
        try:
            judged: dict[str, Any] = zxcvbn(password, expected)
        finally:
            matching.RANKED_DICTIONARIES.pop("user_inputs", None)
    return judged


def _expected(known: Iterable[str | None]) -> Iterator[str]:
    """What is known, whole and word by word: `alice@example.com` is `alice` and `example`, too."""
    for text in known:
        if text:
            yield text
            yield from (word for word in _WORD.findall(text) if len(word) >= _SHORTEST_WORD)


def _without(password: str, expected: list[str]) -> str:
    """The password without what is known, which is worth nothing in it. For zxcvbn two names and a dash are a lot."""
    longest_first = sorted({each for each in expected if len(each) >= _SHORTEST_WORD}, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), "", password, flags=re.IGNORECASE)


def _why(found: dict[str, Any], *, expected: bool) -> list[str]:
    """What makes it weak, and what would help. Nothing of the password is in it."""
    feedback = found["feedback"]
    expected |= any(each.get("dictionary_name") == "user_inputs" for each in found["sequence"])
    ours = [KNOWN] if expected else []
    warnings = [feedback["warning"]] if feedback["warning"] else []
    return [*ours, *warnings, *(feedback["suggestions"] or [MORE])]
