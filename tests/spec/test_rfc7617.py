"""RFC 7617, The 'Basic' HTTP Authentication Scheme, as clients use it to prove themselves."""

from base64 import b64encode
from pathlib import Path

import pytest

from tests.asking import Answer, post_form
from tests.building import Built, built


async def asked(house: Built, value: str) -> Answer:
    """The token endpoint's answer to this Authorization header."""
    form = {"grant_type": "client_credentials"}
    return await post_form(house.front, "/oauth/token", form, headers=[("authorization", value)])


def encoded(pair: str) -> str:
    return b64encode(pair.encode()).decode()


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
async def test_the_scheme_is_read_in_any_case(tmp_path: Path, scheme: str) -> None:
    """RFC 7617 §2: both scheme and parameter names are matched case-insensitively."""
    async with built(tmp_path) as house:
        made = await house.register()
        assert (await asked(house, f"{scheme} {encoded(f'{made.client_id}:{made.client_secret}')}")).status == 200


async def test_the_first_colon_parts_the_two_halves(tmp_path: Path) -> None:
    """RFC 7617 §2: a user-id with a colon is invalid, as the first colon separates user-id and password."""
    async with built(tmp_path) as house:
        made = await house.register()
        for pair in (f"{made.client_id}:{made.client_secret}:", f":{made.client_id}:{made.client_secret}"):
            assert (await asked(house, f"Basic {encoded(pair)}")).status == 401


@pytest.mark.parametrize("value", ["Basic", "Basic !", "Basic Zg", "Basic " + encoded("nocolon")])
async def test_what_cannot_be_read_is_refused_as_what_is_wrong_is(tmp_path: Path, value: str) -> None:
    """RFC 7617 §2: invalid credentials: 401 with a challenge."""
    async with built(tmp_path) as house:
        answer = await asked(house, value)
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_the_challenge_has_a_realm_and_says_that_it_expects_utf_8(tmp_path: Path) -> None:
    """RFC 7617 §2, §2.1: realm REQUIRED; charset, whose only value is UTF-8."""
    async with built(tmp_path) as house:
        answer = await asked(house, "Basic " + encoded("nobody:x"))
        assert answer.headers["www-authenticate"] == 'Basic realm="scopekeeper", charset="UTF-8"'
