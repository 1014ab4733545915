"""Who is let in (RFC 6750)."""

from typing import Any

import pytest

from scopekeeper.api.guard import Admitted, Guard
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, Token
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.tally import Tally
from scopekeeper.wire.bearer import Refused
from tests.api.house import Doorman, scope_of

REST = "rest:callforward:read"


def request(*authorization: str, query: bytes = b"") -> dict[str, Any]:
    return scope_of("GET", b"/api/rest/x", query, [("authorization", value) for value in authorization])


async def refusal(doorman: Doorman, scope: dict[str, Any], *needed: str) -> Refused:
    with pytest.raises(Refused) as caught:
        await Guard(doorman, doorman, Tally()).admit(scope, *needed)
    return caught.value


async def test_whoever_holds_the_scope_is_admitted() -> None:
    doorman = Doorman()
    token = doorman.token("rest:callforward")
    admitted = await Guard(doorman, doorman, Tally()).admit(request(f"Bearer {token}"), REST)
    assert admitted.scopes == {"rest:callforward"}
    assert admitted.system


async def test_a_person_does_not_act_for_the_whole_system() -> None:
    doorman = Doorman()
    admitted = await Guard(doorman, doorman, Tally()).identify(request(f"Bearer {doorman.token('rest', user='alice')}"))
    assert not admitted.system


async def test_an_administrator_does() -> None:
    doorman = Doorman()
    token = doorman.token("rest", user="root", admin=True)
    admitted = await Guard(doorman, doorman, Tally()).identify(request(f"Bearer {token}"))
    assert admitted.system


async def test_the_use_is_noted_with_its_address() -> None:
    doorman = Doorman()
    await Guard(doorman, doorman, Tally()).identify(request(f"Bearer {doorman.token('rest')}"))
    assert doorman.seen_from == ["192.0.2.7"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
async def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    doorman = Doorman()
    assert await Guard(doorman, doorman, Tally()).identify(request(f"{scheme} {doorman.token('rest')}"))


async def test_without_a_token_the_challenge_names_no_error() -> None:
    refused = await refusal(Doorman(), request())
    assert (refused.status, refused.code) == (401, "UNAUTHENTICATED")
    assert refused.challenge == b'Bearer realm="scopekeeper"'


async def test_another_scheme_is_no_token() -> None:
    refused = await refusal(Doorman(), request("Basic YTpi"))
    assert refused.challenge == b'Bearer realm="scopekeeper"'


async def test_a_token_in_the_query_alone_is_no_token() -> None:
    doorman = Doorman()
    token = doorman.token("rest")
    refused = await refusal(doorman, request(query=f"access_token={token}".encode()))
    assert (refused.status, refused.challenge) == (401, b'Bearer realm="scopekeeper"')


async def test_a_token_that_does_not_hold_is_invalid_token() -> None:
    refused = await refusal(Doorman(), request("Bearer unheard-of"))
    assert (refused.status, refused.code) == (401, "INVALID_TOKEN")
    assert b'error="invalid_token"' in refused.challenge


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer =a", "Bearer a=b", 'Bearer "a"', "Bearer\ta"]
)
async def test_a_malformed_header_is_invalid_request(value: str) -> None:
    refused = await refusal(Doorman(), request(value))
    assert (refused.status, refused.code) in {(400, "INVALID_REQUEST"), (401, "UNAUTHENTICATED")}
    assert (refused.status == 401) == value.startswith("Bearer\t")


async def test_two_headers_are_invalid_request_even_if_both_are_good() -> None:
    doorman = Doorman()
    token = f"Bearer {doorman.token('rest')}"
    refused = await refusal(doorman, request(token, token))
    assert (refused.status, refused.code) == (400, "INVALID_REQUEST")
    assert b'error="invalid_request"' in refused.challenge


@pytest.mark.parametrize("query", [b"access_token=x", b"a=b&access_token", b"access%5Ftoken=x"])
async def test_header_and_query_at_once_are_invalid_request(query: bytes) -> None:
    doorman = Doorman()
    refused = await refusal(doorman, request(f"Bearer {doorman.token('rest')}", query=query))
    assert (refused.status, refused.code) == (400, "INVALID_REQUEST")


async def test_what_is_missing_is_named_exactly() -> None:
    doorman = Doorman()
    held = request(f"Bearer {doorman.token('rest:a:read')}")
    refused = await refusal(doorman, held, "rest:a:read", "rest:a:write", "rest:b:read")
    assert (refused.status, refused.code) == (403, "INSUFFICIENT_SCOPE")
    assert refused.missing == ("rest:a:write", "rest:b:read")
    assert b'error="insufficient_scope"' in refused.challenge
    assert b'scope="rest:a:write rest:b:read"' in refused.challenge


async def test_write_does_not_cover_read_nor_one_api_the_other() -> None:
    doorman = Doorman()
    for held in ("rest:callforward:write", "gql", "rest:callforward:read:ringtimer"):
        refused = await refusal(doorman, request(f"Bearer {doorman.token(held)}"), REST)
        assert refused.missing == (REST,)


async def test_a_token_reaches_no_further_than_its_application_may_now() -> None:
    doorman = Doorman()
    guard = Guard(doorman, doorman, Tally())
    narrowed = request(f"Bearer {doorman.token('rest', ceiling=('rest:extensions', 'gql'))}")
    assert (await guard.identify(narrowed)).scopes == {"rest:extensions"}


class Changing:
    """Finds what it is told to."""

    def __init__(self, token: Token, client: Client, person: User | None = None) -> None:
        self.found = token, client, person

    async def find(self, presented: str, address: str | None) -> tuple[Token, Client, User | None] | None:
        return self.found


async def test_a_narrowed_application_is_felt_on_the_next_call() -> None:
    token = Token(1, b"", "a", ("rest",), 0, 1, 0)
    bearers = Changing(token, Client("a", ApplicationType.M2M, "A", ("rest",), (), 0))
    guard = Guard(bearers, Doorman(), Tally())
    first: Admitted = await guard.identify(request("Bearer x"))
    assert await guard.identify(request("Bearer x")) is first
    bearers.found = token, Client("a", ApplicationType.M2M, "A", ("rest:b",), (), 0, revision=1), None
    assert (await guard.identify(request("Bearer x"))).scopes == {"rest:b"}


async def test_row_55_who_is_no_administrator_any_more_is_none_on_the_next_call() -> None:
    token = Token(1, b"", "a", ("rest",), 0, 1, 0, user="root", user_id=9)
    client = Client("a", ApplicationType.M2M, "A", ("rest",), (), 0)
    bearers = Changing(token, client, User(9, "root", None, 0, admin=True))
    guard = Guard(bearers, Doorman(), Tally())
    assert (await guard.identify(request("Bearer x"))).system
    bearers.found = token, client, User(9, "root", None, 0, admin=False)
    assert not (await guard.identify(request("Bearer x"))).system


async def test_nobody_is_let_in_while_nobody_can_tell() -> None:
    doorman = Doorman()
    token = doorman.token("rest")
    doorman.away = Unavailable("away")
    refused = await refusal(doorman, request(f"Bearer {token}"))
    assert (refused.status, refused.code, refused.reply().status) == (503, "UNAVAILABLE", 503)


async def test_row_41_no_scope_at_all_opens_nothing() -> None:
    doorman = Doorman()
    refused = await refusal(doorman, request(f"Bearer {doorman.token(ceiling=())}"), REST)
    assert refused.missing == (REST,)
