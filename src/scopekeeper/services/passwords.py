"""Passwords, hashed and verified with argon2id (RFC 9106) in a bounded pool of threads, never on the event loop."""

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Final, TypeVar

import structlog
from argon2 import Parameters, PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from scopekeeper.oauth.people import LONGEST_PASSWORD, normalized
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.strength import ANY, Strength

T = TypeVar("T")

OWASP: Final = Parameters(
    type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=2, memory_cost=19 * 1024, parallelism=1
)
"""19 MiB, two passes, one lane, as OWASP recommends: 30 to 90 ms where this was measured.

RFC 9106's own low-memory choice (64 MiB, three passes, four lanes) took 160 to 430 ms of both cores there, and a server
that shares its machine with a telephone exchange must not be stopped by people who sign in.
"""

AT_ONCE: Final = 2
"""Passwords that a machine hashes side by side."""

WAITING: Final = 32
"""Those that may wait meanwhile."""

_LEAST_WAITING: Final = 4
"""Those that may wait in each of many processes: requests do not come to them evenly."""

log = structlog.get_logger(__name__)


class WrongPassword(Exception):
    """The name and the password do not go together. Nothing tells which of them was wrong, or why."""

    def __init__(self) -> None:
        super().__init__("name and password do not match")


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of a password that was presented: is it right, and is its hash one of other parameters?"""

    right: bool
    rehash: bool = False


_WRONG: Final = Verified(right=False)


class Passwords:
    """Hashes `at_once` passwords side by side; up to `waiting` more wait, whoever comes then hears Unavailable.

    So hashing, which costs by design, is no lever to stop the server with.
    """

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        parameters: Parameters = OWASP,
        strength: Strength = ANY,
    ) -> None:
        self._strength = strength
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._nobodys = _hash_of_nothing(parameters)
        self._threads = ThreadPoolExecutor(at_once, "scopekeeper-password")
        self._places = BoundedSemaphore(at_once + waiting)

    @classmethod
    def of_one_in(cls, processes: int, strength: Strength = ANY) -> "Passwords":
        """The share of one of so many processes: together they hash as few at once as one would, if one each is."""
        at_once, waiting = max(1, AT_ONCE // processes), max(_LEAST_WAITING, WAITING // processes)
        return cls(at_once=at_once, waiting=waiting, strength=strength)

    async def choose(self, password: str, about: Collection[str | None] = ()) -> str:
        """The hash of what somebody chooses for a password, if it is hard enough to guess, `about` them being known.

        It was judged before by `password_of`, which costs nothing. Raises WeakPassword, Unavailable.
        """

        def judged_and_hashed() -> str:
            self._strength.require(password, about)
            return self._hasher.hash(password)

        return await self._aside(judged_and_hashed)

    async def hash(self, password: str) -> str:
        """The hash, in argon2's own notation, of what was judged before. Raises Unavailable."""
        return await self._aside(lambda: self._hasher.hash(password))

    async def verify(self, hashed: str | None, password: str) -> Verified:
        """Is this the password? Without a hash the answer is no, after the same work. Raises Unavailable.

        What is longer than any password can be is wrong without work: that tells nothing of whose it was to be.
        """
        if len(password) > LONGEST_PASSWORD:
            return _WRONG
        try:
            presented = normalized(password).encode()
        except UnicodeEncodeError:
            return _WRONG
        if len(presented) > LONGEST_PASSWORD:
            return _WRONG
        return await self._aside(lambda: self._verified(hashed or self._nobodys, presented))

    def _verified(self, hashed: str, presented: bytes) -> Verified:
        try:
            self._hasher.verify(hashed, presented)
        except VerifyMismatchError:
            return _WRONG
        except (InvalidHashError, VerificationError) as unreadable:
            log.error("a stored password cannot be read", reason=type(unreadable).__name__)
            return _WRONG
        return Verified(right=True, rehash=self._hasher.check_needs_rehash(hashed))

    async def _aside(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Unavailable("too many passwords wait to be hashed")
        under_way = self._threads.submit(work)
        # Freed when the work is done, not when its request is: one that was given up is still worked on.
        under_way.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(under_way)


def _hash_of_nothing(parameters: Parameters) -> str:
    """A hash that no password has: random bytes under these parameters."""
    salt, digest = (
        b64encode(os.urandom(length)).decode().rstrip("=") for length in (parameters.salt_len, parameters.hash_len)
    )
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${costs}${salt}${digest}"
