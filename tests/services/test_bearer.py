"""A token as presented: found by its row, proven by its digest; garbage is told apart without the store."""

import json
import zlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.records import Token, TokenFormat
from scopekeeper.oauth.secrets import Kind, base62, digest_of, secret_of
from scopekeeper.services.bearer import LONGEST, Bearer
from scopekeeper.services.uses import Uses
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.services.asked import Asked, as_store
from tests.stores.people import a_user
from tests.stores.records import a_client, a_token, an_act

ADDRESS = "203.0.113.7"
OPAQUE = secret_of(Kind.ACCESS_TOKEN, 7, "a" * 32)


def part(value: object) -> str:
    """One part of a JWT."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def jwt(payload: object, *, signature: str = "c2lnbmF0dXJl") -> str:
    return f"{part({'alg': 'ES256'})}.{part(payload)}.{signature}"


def checksummed(body: str) -> str:
    return body + base62(zlib.crc32(body.encode()), 6)


GARBAGE: dict[str, str] = {
    "nothing": "",
    "a word": "garbage",
    "a wrong checksum": OPAQUE[:-1] + ("0" if OPAQUE[-1] != "0" else "1"),
    "too short": OPAQUE[:-1],
    "an id beyond 63 bits": checksummed("skpr_at_" + base62(2**63, 11) + "0" * 32),
    "the largest id there is to write": checksummed("skpr_at_" + "z" * 43),
    "a secret of another kind": secret_of(Kind.CLIENT_SECRET, 7, "a" * 32),
    "a code": secret_of(Kind.AUTHORIZATION_CODE, 7, "a" * 32),
    "two dots": "..",
    "three dots": "...",
    "a payload that is no base64": "a.!!!.c",
    "a payload that is no text": "a." + part(b"\xff\xfe") + ".c",
    "a payload that is no JSON": "a." + part(b"{") + ".c",
    "a payload that is no object": jwt([1]),
    "no jti": jwt({"sub": "x"}),
    "a jti that is no text": jwt({"jti": 7}),
    "a jti that is no id": jwt({"jti": "not-an-id-x"}),
    "a jti beyond 63 bits": jwt({"jti": base62(2**63, 11)}),
    "a jti that is too long": jwt({"jti": "0" * 12}),
    "beyond all measure": jwt({"jti": jti_of(7), "x": "x" * LONGEST}),
    "brackets without end": "a." + part(b"[" * 6_000) + ".c",
    "no ASCII": "é.é.é",
}


def found_in(store: Asked) -> Bearer:
    found_by = as_store(store)
    return Bearer(found_by, found_by, found_by, FixedClock(), Uses())


async def kept(*tokens: Token, **client: Any) -> Asked:
    """A store that keeps these tokens, and the application that they belong to."""
    store = MemoryStore()
    await store.add_client(a_client(**client), an_act())
    for token in tokens:
        await store.issue(token)
    return Asked(store)


@pytest.mark.parametrize("presented", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_never_touches_the_store(presented: str) -> None:
    store = Asked(MemoryStore())
    assert await found_in(store).find(presented, ADDRESS) is None
    assert store.log == []


@given(st.text(max_size=200))
def test_whatever_is_presented_breaks_nothing(text: str) -> None:
    for presented in (text, "skpr_at_" + text, jwt({"jti": text}), f"a.{text}.c", jwt(text)):
        coroutine = found_in(Asked(MemoryStore())).known(presented)
        with pytest.raises(StopIteration) as ended:
            coroutine.send(None)
        assert ended.value.value is None


async def test_an_opaque_token_is_found_by_its_row_and_one_read() -> None:
    store = await kept(a_token(7, digest=digest_of(OPAQUE)))
    found = await found_in(store).known(OPAQUE)
    assert found is not None
    assert (found.id, store.log) == (7, ["token"])


async def test_a_jwt_is_found_by_its_jti_and_one_read() -> None:
    presented = jwt({"jti": jti_of(7), "sub": "night-shift"})
    store = await kept(a_token(7, digest=digest_of(presented), format=TokenFormat.JWT))
    found = await found_in(store).known(presented)
    assert found is not None
    assert (found.id, store.log) == (7, ["token"])


@pytest.mark.parametrize("presented", [
    secret_of(Kind.ACCESS_TOKEN, 7, "b" * 32),
    jwt({"jti": jti_of(7)}),
    jwt({"jti": jti_of(7)}, signature=""),
])  # fmt: skip
async def test_the_right_row_is_not_enough(presented: str) -> None:
    store = await kept(a_token(7, digest=digest_of(OPAQUE)))
    assert await found_in(store).known(presented) is None


async def test_a_token_comes_with_its_application() -> None:
    store = await kept(a_token(7, digest=digest_of(OPAQUE)))
    found = await found_in(store).find(OPAQUE, ADDRESS)
    assert found is not None
    assert (found[0].id, found[1].client_id, found[2]) == (7, "night-shift", None)
    assert store.log == ["token", "client"]


@pytest.mark.parametrize(
    ("token", "client"),
    [({"expires_at": NOON}, {}), ({"revoked_at": NOON}, {}), ({"generation": 1}, {}), ({}, {"enabled": False})],
    ids=["expired", "revoked", "of another generation", "of a disabled application"],
)
async def test_a_dead_token_is_known_and_opens_nothing(token: dict[str, Any], client: dict[str, Any]) -> None:
    store = await kept(replace(a_token(7, digest=digest_of(OPAQUE)), **token), **client)
    bearer = found_in(store)
    assert await bearer.known(OPAQUE) is not None
    assert await bearer.find(OPAQUE, ADDRESS) is None


async def test_a_token_whose_application_is_gone_opens_nothing() -> None:
    store = MemoryStore()
    await store.issue(a_token(7, client_id="nobody", digest=digest_of(OPAQUE)))
    assert await found_in(Asked(store)).find(OPAQUE, ADDRESS) is None


async def in_alices_name(**facts: Any) -> Asked:
    """A store that keeps a token in alice's name; and her account as these facts have it."""
    store = await kept(a_token(7, digest=digest_of(OPAQUE), user="alice", user_id=1))
    await as_store(store).add_user(a_user(**facts), an_act())
    store.log.clear()
    return store


async def test_a_persons_token_comes_with_their_account_for_one_read_more() -> None:
    store = await in_alices_name(admin=True)
    found = await found_in(store).find(OPAQUE, ADDRESS)
    assert found is not None
    assert found[2] == a_user(admin=True)
    assert store.log == ["token", "client", "user"]


@pytest.mark.parametrize(
    "account", [{"enabled": False}, {"id": 2}, {"name": "bob"}], ids=["disabled", "of a later account", "removed"]
)
async def test_row_26_a_persons_token_holds_only_while_that_very_account_is_there_and_enabled(
    account: dict[str, Any],
) -> None:
    store = await in_alices_name(**account)
    bearer = found_in(store)
    assert await bearer.known(OPAQUE) is not None
    assert await bearer.find(OPAQUE, ADDRESS) is None


async def test_only_a_use_that_was_one_is_noted() -> None:
    """Introspection and revocation ask what a token is; that is no use of it."""
    uses, store = Uses(), MemoryStore()
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(7, digest=digest_of(OPAQUE)))
    bearer = Bearer(store, store, store, FixedClock(), uses)
    written = Asked(store)
    await bearer.known(OPAQUE)
    await uses.write(as_store(written), FixedClock(), FixedEntropy())
    assert written.log == []
    await bearer.find(OPAQUE, ADDRESS)
    await uses.write(as_store(written), FixedClock(), FixedEntropy())
    assert written.log == ["used"]
