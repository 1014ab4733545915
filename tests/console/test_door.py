"""The console's door, at every address there is: administrators come in, nobody else does, and no form of others."""

from pathlib import Path

import pytest

from scopekeeper.app.faces import library_of
from scopekeeper.app.rooms import desk, hall_of
from scopekeeper.console import rooms_of
from tests.building import Built, built
from tests.console.steward import Steward, place, signed_in, stewarding
from tests.pages.browsing import Browser, Seen
from tests.persons import a_person


def addresses(h: Built, method: str) -> list[str]:
    """Every address of the console that answers this method, with something in the place of what it is about."""
    house = h.house
    hall = hall_of(house.settings.issuer, house.login, house.clock, house.entropy)
    found = [room.path for room in rooms_of(desk(house, hall, library_of(house))) if room.method == method]
    assert len(found) > 10, found
    return ["/".join("abc" if each.startswith("{") else each for each in path.split("/")) for path in found]


async def test_whoever_is_not_signed_in_is_sent_to_sign_in_from_every_address(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        browser = Browser(h.front)
        for address in addresses(h, "GET"):
            answer = await browser.get(address)
            assert place(answer).startswith("/login?next=%2Fconsole"), address
        for address in addresses(h, "POST"):
            assert place(await browser.post(address, "a=b")) == "/login?note=ended", address


async def test_a_person_who_is_no_administrator_is_refused_at_every_address(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        alice = await signed_in(h, await a_person(h, "alice"))
        before = await h.house.log.store.acts()
        for address in addresses(h, "GET"):
            answer = await alice.browser.get(address)
            assert answer.status == 403, address
            assert "Night shift" not in answer.body.decode()
        for address in addresses(h, "POST"):
            assert (await alice.post(address, {"typed": "x"})).status == 403, address
        assert await h.house.log.store.acts() == before


async def test_a_form_that_is_not_of_this_session_is_refused_at_every_address(tmp_path: Path) -> None:
    """Without a token, with another session's, and from another site."""
    async with stewarding(tmp_path) as s:
        other = await signed_in(s.h, s.person)
        before = await s.h.house.log.store.acts()
        proof, foreign = await s.proof(), await other.proof()
        for address in addresses(s.h, "POST"):
            for fields in ({}, {"csrf": "0" * 64}, foreign):
                assert (await s.post(address, fields)).status == 403, (address, fields)
            assert (await elsewhere(s, address, proof)) == 403, address
        assert await s.h.house.log.store.acts() == before


async def elsewhere(s: Steward, address: str, fields: dict[str, str]) -> int:
    """What a page of another site is answered that sends our form."""
    answer = await s.browser.post(address, f"csrf={fields['csrf']}", origin="https://evil.example")
    return answer.status


async def test_what_is_not_there_is_not_there_and_nothing_breaks(tmp_path: Path) -> None:
    """Forged ids, in every path that has one."""
    async with stewarding(tmp_path) as s:
        for address in addresses(s.h, "GET"):
            if "/abc" in address:
                for forged in ("abc", "..%2f..%2fetc", "%3Cscript%3E", "9" * 40, "A" * 22):
                    answer = await s.browser.get(address.replace("/abc", f"/{forged}"))
                    assert answer.status in (200, 303, 400, 404), (address, forged, answer.status)
                    assert "<script>" not in answer.body.decode()


@pytest.mark.parametrize("header", ["content-security-policy", "x-frame-options"])
async def test_no_page_can_be_framed(tmp_path: Path, header: str) -> None:
    async with stewarding(tmp_path) as s:
        for address in addresses(s.h, "GET"):
            answer = await s.browser.get(address)
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert answer.headers[header] in ("DENY", answer.headers["content-security-policy"]), address
                assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], address


async def test_no_page_has_script_or_style_within(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await s.h.register()
        for address in addresses(s.h, "GET"):
            answer = await s.browser.get(address)
            if answer.headers.get("content-type", "").startswith("text/html"):
                for tag, attributes in Seen(answer.body).elements:
                    assert "style" not in (tag, *attributes), address
                    assert tag != "script" or "src" in attributes, address
                    assert not any(name.startswith("on") for name in attributes), (address, tag)
