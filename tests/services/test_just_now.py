"""What another process allowed a moment ago is refused by none that remembers how it was."""

from typing import Any, cast

import pytest

from scopekeeper.oauth.authorize import AuthorizationRequest, Unproven
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.authorize import Authorization
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.uses import Uses
from scopekeeper.store import CachedStore, MemoryStore
from tests.altered import replace
from tests.fixtures import FixedClock
from tests.stores.records import a_client, a_secret, a_token, an_act

TOKEN = secret_of(Kind.ACCESS_TOKEN, 7, "a" * 32)
FIRST, SECOND = (secret_of(Kind.CLIENT_SECRET, row, "b" * 32) for row in (1, 2))


class Issuing:
    """Every scope exists."""

    def known(self, scope: str) -> bool:
        return True


async def two_processes() -> tuple[MemoryStore, CachedStore, FixedClock]:
    """What the other process writes to, and what this one remembers: an application with one secret."""
    store, clock = MemoryStore(), FixedClock()
    cached = CachedStore(store, clock)
    first = a_secret(1, digest=digest_of(FIRST))
    await store.add_client(a_client("night-shift", first, redirect_uris=("https://app.example/one",)), an_act())
    assert await cached.client("night-shift") is not None
    return store, cached, clock


async def test_a_secret_that_was_made_elsewhere_opens_at_once() -> None:
    store, cached, clock = await two_processes()
    authenticate = Authentication(cached, clock, Uses())
    credentials = Credentials("client_secret_basic", "night-shift", SECOND)
    with pytest.raises(OAuthError):
        await authenticate(credentials, None)
    await store.add_secret(a_secret(2, digest=digest_of(SECOND)), {}, an_act())
    assert (await authenticate(credentials, None)).client_id == "night-shift"


async def test_a_token_of_a_generation_that_began_elsewhere_holds_at_once() -> None:
    store, cached, clock = await two_processes()
    bearer = Bearer(cached, cached, cached, clock, Uses())
    await store.compromise("night-shift", a_secret(2, digest=digest_of(SECOND)), an_act())
    await store.issue(a_token(7, digest=digest_of(TOKEN), generation=1))
    assert await bearer.find(TOKEN, None) is not None


async def test_a_redirect_uri_that_was_registered_elsewhere_is_known_at_once() -> None:
    store, cached, _ = await two_processes()
    nothing: Any = None
    authorization = Authorization(cached, cached, nothing, cast(Any, Issuing()), nothing, Uses(), cached)
    asked = AuthorizationRequest({"client_id": "night-shift", "redirect_uri": "https://app.example/two"})
    with pytest.raises(Unproven):
        await authorization.asked(asked)
    client = await store.client("night-shift")
    assert client is not None
    uris = (*client.redirect_uris, "https://app.example/two")
    await store.save_client(replace(client, redirect_uris=uris, revision=client.revision + 1), an_act())
    with pytest.raises(Exception, match="response_type"):
        await authorization.asked(asked)


async def test_what_stays_refused_costs_one_look_and_no_more() -> None:
    store, cached, clock = await two_processes()
    looks = 0
    changes = store.changes

    async def counted() -> int:
        nonlocal looks
        looks += 1
        return await changes()

    store.changes = counted  # type: ignore[method-assign]
    with pytest.raises(OAuthError):
        await Authentication(cached, clock, Uses())(Credentials("client_secret_basic", "night-shift", SECOND), None)
    assert looks == 1
