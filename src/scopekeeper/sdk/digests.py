"""What the house promises of what people choose, such as a PIN: that it is kept as a digest, and costs to guess."""

from typing import Protocol

from scopekeeper.sdk.errors import Problem


class TooManyTries(Problem):
    """Too many wrong secrets were tried on one thing: none is looked at until `retry_after` seconds have passed."""

    status = 429
    title = "Too many tries"
    code = "TOO_MANY_TRIES"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many wrong ones were tried. Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class Digests(Protocol):
    """Made and looked at aside, in a bounded pool: both cost tens of milliseconds by design."""

    async def made(self, secret: str) -> str:
        """The digest, which says of itself how it was made."""
        ...

    async def matches(self, digest: str | None, secret: str, opening: str | None) -> bool:
        """Is it the digest of this secret? Without a digest the answer is no, after the same work.

        With `opening`, which names what the secret opens, what is wrong is counted. Raises TooManyTries.
        """
        ...
