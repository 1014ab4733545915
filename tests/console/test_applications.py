"""The list of applications: filtered, a page at a time, to take away, and several at once."""

import csv
import io
from pathlib import Path

import pytest

from scopekeeper.services.lists import ClientsAsked
from tests.console.applications import HERE, again, made, page_of
from tests.console.steward import Steward, place, read, stewarding
from tests.pages.browsing import Seen

SHALOM = "\u05e9\u05dc\u05d5\u05dd"


async def names(s: Steward, query: str = "") -> list[str]:
    """What the list shows, in its order."""
    answer = await s.results(HERE + query)
    boxes = [each for each in Seen(answer.body).all("input") if each.get("name") == "client_id"]
    return [each["aria-label"].removeprefix("Select ") for each in boxes]


async def three(s: Steward) -> None:
    await made(s, name="Night shift", type="m2m", scope="rest:callforward", description="Forwards the line.")
    s.h.clock.advance(10)
    await made(s, name="Phone book", owner="root")
    s.h.clock.advance(10)
    await made(s, name="alarm <b>clock</b>", type="native", grant="password", scope="rest gql")


async def test_each_is_listed_with_what_matters(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await three(s)
        page = await s.page(HERE)
        assert await names(s) == ["alarm <b>clock</b>", "Night shift", "Phone book"]
        for word in (
            "Machine",
            "nobody",
            "rest:callforward:read",
            "never",
            "just now",
            "enabled",
            "1 danger",
            "1 warning",
        ):
            assert word in page.text, word
        assert "<b>" not in (await s.browser.get(HERE)).body.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?text=PHONE", ["Phone book"]),
        ("?text=forwards", ["Night shift"]),
        ("?type=m2m", ["Night shift"]),
        ("?owner=ROOT", ["Phone book"]),
        ("?state=disabled", []),
        ("?state=enabled&type=native", ["alarm <b>clock</b>"]),
        ("?scope=rest:callforward:write", ["alarm <b>clock</b>", "Night shift"]),
        ("?order=newest", ["alarm <b>clock</b>", "Phone book", "Night shift"]),
        ("?type=saml&state=maybe&order=random", ["alarm <b>clock</b>", "Night shift", "Phone book"]),
        ("?text=%3Cscript%3E", []),
    ],
)
async def test_it_is_narrowed_and_ordered_by_its_address(tmp_path: Path, query: str, expected: list[str]) -> None:
    """The command and the call to copy ask the same."""
    async with stewarding(tmp_path) as s:
        await three(s)
        assert await names(s, query) == expected


async def test_the_list_can_be_copied_as_a_command_and_as_a_call(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await three(s)
        text = (await s.page(f"{HERE}?text=o'clock+phone&state=enabled&scope=rest&text=x")).text
        assert "No application matches" in text
        text = (await s.page(f"{HERE}?type=m2m&state=enabled&scope=rest:callforward")).text
        assert "scopekeeper app list --json --type=m2m --state=enabled --scope=rest:callforward" in text
        assert "/api/rest/admin/applications?type=m2m&scope=rest%3Acallforward&enabled=true" in text


async def test_a_page_ends_and_the_next_begins_behind_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        for number in range(53):
            await s.h.register(name=f"App {number:02}")
        first = Seen((await s.results(HERE)).body)
        [link] = [each for each in first.all("a") if each.get("rel") == "next"]
        assert "50 of 53" in first.text
        assert await names(s, link["href"].removeprefix(HERE)) == ["App 50", "App 51", "App 52"]
        assert len(await names(s, "?page=forged<script>")) == 50


async def test_what_is_filtered_can_be_taken_away_without_secrets(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await three(s)
        await made(s, name="=1+1", type="m2m", description="@SUM(A1)")
        answer = await s.browser.get(f"{HERE}.csv")
        rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
        assert [row["name"] for row in rows] == ["'=1+1", "alarm <b>clock</b>", "Night shift", "Phone book"]
        assert rows[0]["description"] == "'@SUM(A1)"
        assert answer.headers["content-disposition"] == 'attachment; filename="applications.csv"'
        told = (await s.browser.get(f"{HERE}.json?type=native")).json()
        assert [each["name"] for each in told] == ["alarm <b>clock</b>"]
        assert told[0]["grant_types"] == ["authorization_code", "device_code", "refresh_token", "password"]
        assert "digest" not in answer.body.decode()
        assert "skpr_" not in answer.body.decode()
        assert (await s.browser.get(f"{HERE}.json?text=zzzz")).json() == []


async def test_nothing_there_says_what_to_do_next(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await s.page(HERE)
        assert "No application yet" in page.text
        assert "Add Application" in page.text


async def test_several_are_disabled_after_saying_which_and_how_many(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        one, two = await made(s, name="One"), await made(s, name="Two")
        third = await made(s, name="Three")
        ids = f"client_id={one.client_id}&client_id={two.client_id}&client_id={two.client_id}&client_id=forged"
        asked = await s.page(f"{HERE}/several?act=disable&{ids}")
        assert "Disable 2 applications" in asked.text
        assert "Three" not in asked.text
        form = {**asked.form(f"{HERE}/several"), "client_id": [one.client_id, two.client_id, "forged"]}
        before = len(await s.h.house.log.store.acts())
        for _ in range(2):
            assert place(await s.post(f"{HERE}/several", form)) == f"{HERE}?note=disabled"
        assert [(await again(s, each)).enabled for each in (one, two, third)] == [False, False, True]
        assert len(await s.h.house.log.store.acts()) == before + 2
        assert await names(s, "?state=disabled") == ["One", "Two"]
        assert place(await s.browser.get(f"{HERE}/several?act=disable&{ids}")) == f"{HERE}?note=none"
        form = {**form, "act": "enable"}
        assert place(await s.post(f"{HERE}/several", form)) == f"{HERE}?note=enabled"
        assert await s.h.house.applications.count(ClientsAsked(enabled=True)) == 3


async def test_names_in_any_script_are_isolated_wherever_they_stand(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, name=f"{SHALOM} <i>")
        for page in (HERE, page_of(client), page_of(client, "/settings"), page_of(client, "/compromised")):
            body = (await s.browser.get(page)).body.decode()
            assert "<i>" not in body, page
            assert f"<bdi>{SHALOM} &lt;i&gt;</bdi>" in body, page


async def test_notes_are_ours_and_not_of_the_address(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(f"{HERE}?note=You+have+won")
        assert "won" not in read(answer)
        assert "The application is gone" in (await s.page(f"{HERE}?note=removed")).text
