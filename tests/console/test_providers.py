"""Other providers in the console: added, looked at, changed, switched off and removed by an administrator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.console.steward import Steward, place, read, stewarding
from tests.outside import Published, published

LIST = "/console/providers"
NEW = "/console/new-provider"
WORK = f"{LIST}/work"
SECRET = "s3cret-of-ours"
HOSTILE = '"><script>alert(1)</script>'


@asynccontextmanager
async def at_the_console(folder: Path) -> AsyncIterator[tuple[Steward, Published]]:
    """An administrator, and a provider that describes itself."""
    with published() as provider:
        issuer = f"http://{provider.place}"
        endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        provider.says = {"issuer": issuer} | {name: f"{issuer}/{name}" for name in endpoints}
        async with stewarding(folder, {"SCOPEKEEPER_FETCH_ALLOW": provider.place}) as s:
            yield s, provider


async def added(s: Steward, provider: Published, **more: str) -> None:
    """The provider `work`."""
    given = {"name": "work", "issuer": f"http://{provider.place}", "client_id": "us", "client_secret": SECRET}
    assert place(await s.send(NEW, NEW, **given | more)) == f"{WORK}?done=added"


async def test_a_provider_is_added_and_says_what_to_register_there(tmp_path: Path) -> None:
    async with at_the_console(tmp_path) as (s, provider):
        assert "There are no providers" in read(await s.browser.get(LIST))
        await added(s, provider, label="Example Inc.")
        page = await s.page(f"{WORK}?done=added")
        assert page.by_id("redirect_uri")["value"] == "http://127.0.0.1:8000/login/from/work"
        assert SECRET not in page.text + str(page.elements)
        upstream = await s.h.house.upstreams.get("work")
        assert (upstream.label, upstream.scope, upstream.link_by_email) == ("Example Inc.", ("openid", "email"), False)
        assert upstream.sealed is not None
        assert "Example Inc. work" in read(await s.browser.get(LIST))
        act = await s.noted()
        assert (act.actor, act.action, act.target) == ("user:root", "upstream.add", "work")
        assert "Sign in with Example Inc." in read(await type(s.browser)(s.h.front).get("/login"))


async def test_what_cannot_be_is_told_beside_its_box_and_nothing_is_lost(tmp_path: Path) -> None:
    async with at_the_console(tmp_path) as (s, provider):
        given = {"name": "Work!", "issuer": "https://169.254.169.254", "client_id": "us", "label": HOSTILE}
        refused = await s.send(NEW, NEW, **given)
        assert (refused.status, "A name has 1 to 32" in read(refused)) == (422, True)
        assert HOSTILE.encode() not in refused.body
        inner = await s.send(NEW, NEW, **given | {"name": "work"})
        assert (inner.status, "It cannot be fetched" in read(inner), "link-local" in read(inner)) == (422, True, False)
        await added(s, provider)
        twice = await s.send(NEW, NEW, name="work", issuer=f"http://{provider.place}", client_id="us")
        assert (twice.status, "There is a provider of this name already." in read(twice)) == (422, True)
        wrong = await s.send(WORK, f"{WORK}/change", label="x" * 61)
        assert (wrong.status, "A label has 1 to 60" in read(wrong)) == (422, True)


async def test_a_change_is_of_what_was_looked_at_and_an_empty_secret_keeps_the_one_there_is(tmp_path: Path) -> None:
    async with at_the_console(tmp_path) as (s, provider):
        await added(s, provider)
        sealed = (await s.h.house.upstreams.get("work")).sealed
        before = (await s.page(WORK)).form(f"{WORK}/change")
        changed = before | {"label": "Example Inc.", "link_by_email": "on"}
        assert place(await s.post(f"{WORK}/change", changed)) == f"{WORK}?done=changed"
        upstream = await s.h.house.upstreams.get("work")
        assert (upstream.label, upstream.link_by_email, upstream.sealed) == ("Example Inc.", True, sealed)
        assert place(await s.post(f"{WORK}/change", before)) == f"{WORK}?done=stale"
        renewed = (await s.page(WORK)).form(f"{WORK}/change") | {"client_secret": "another"}
        await s.post(f"{WORK}/change", renewed)
        assert (await s.h.house.upstreams.get("work")).sealed not in (None, sealed)
        assert "another" not in str((await s.noted()).details)
        public = (await s.page(WORK)).form(f"{WORK}/change") | {"public": "on"}
        await s.post(f"{WORK}/change", public)
        assert (await s.h.house.upstreams.get("work")).sealed is None


async def test_it_is_switched_off_and_on_and_removed_once_its_name_is_typed(tmp_path: Path) -> None:
    async with at_the_console(tmp_path) as (s, provider):
        await added(s, provider)
        assert place(await s.send(WORK, f"{WORK}/disable")) == f"{WORK}?done=disabled"
        assert not (await s.h.house.upstreams.get("work")).enabled
        assert place(await s.send(WORK, f"{WORK}/enable")) == f"{WORK}?done=enabled"
        removal = f"{WORK}/remove"
        wrong = await s.send(removal, removal, typed="Work")
        assert (wrong.status, "Nothing was done." in read(wrong)) == (422, True)
        assert place(await s.send(removal, removal, typed="work")) == f"{LIST}?done=removed"
        assert (await s.browser.get(WORK)).status == 404
        assert (await s.post(f"{WORK}/enable", await s.proof())).status == 404


async def test_row_47_no_form_of_another_makes_a_provider(tmp_path: Path) -> None:
    async with at_the_console(tmp_path) as (s, provider):
        form = {"name": "work", "issuer": f"http://{provider.place}", "client_id": "us"}
        assert (await s.post(NEW, form)).status == 403
        assert (await s.post(NEW, form | {"csrf": "0" * 64})).status == 403
        assert provider.asked == 0
