"""What is set is heeded: it reaches whoever acts on it."""

from pathlib import Path

import pytest

from scopekeeper.oauth.token import Lifetimes
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.outbound import NotFetched, json_at
from tests.building import built
from tests.outside import published


async def test_lifetimes_are_those_that_were_set(tmp_path: Path) -> None:
    environ = {
        "SCOPEKEEPER_ACCESS_TOKEN_LIFETIME": "5m",
        "SCOPEKEEPER_CODE_LIFETIME": "30s",
        "SCOPEKEEPER_REFRESH_TOKEN_LIFETIME": "90d",
        "SCOPEKEEPER_REFRESH_TOKEN_IDLE": "7d",
        "SCOPEKEEPER_REFRESH_GRACE": "0",
    }
    async with built(tmp_path, environ) as house:
        assert house.house.issuing.lifetimes == Lifetimes(
            access_token=300, code=30, refresh_token=90 * 86_400, refresh_token_idle=7 * 86_400, refresh_grace=0
        )


async def test_what_may_be_fetched_from_is_what_was_set(tmp_path: Path) -> None:
    with published("https://app.example/cb") as document:
        async with built(tmp_path / "one", {"SCOPEKEEPER_FETCH_ALLOW": document.place}) as house:
            assert await json_at(house.house.fetching, document.url) == ["https://app.example/cb"]
        async with built(tmp_path / "other", {"SCOPEKEEPER_FETCH_ALLOW": "127.0.0.1:1"}) as house:
            with pytest.raises(NotFetched):
                await json_at(house.house.fetching, document.url)
        assert document.asked == 1


async def test_failures_are_let_pass_as_often_as_was_set(tmp_path: Path) -> None:
    environ = {"SCOPEKEEPER_FAILURES_BURST": "2", "SCOPEKEEPER_FAILURES_A_MINUTE": "60"}
    async with built(tmp_path, environ) as house:
        attempts = house.house.attempts
        for _ in range(2):
            await attempts.failed(None)
        with pytest.raises(TooMany) as shut:
            await attempts.failed(None)
        assert shut.value.retry_after == 1
