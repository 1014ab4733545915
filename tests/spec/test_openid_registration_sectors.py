"""OpenID Connect Dynamic Client Registration 1.0 §5 and Core 1.0 §8.1: the document of a sector, which is fetched."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from scopekeeper.oauth.applications import Changes, Draft, Unfit
from scopekeeper.oauth.giving import Exceeds, Holding
from scopekeeper.oauth.records import ApplicationType, GrantType, SubjectType
from scopekeeper.services.lists import ClientsAsked
from scopekeeper.services.outbound import NotFetched
from tests.altered import replace
from tests.building import Built, built
from tests.outside import Published, published
from tests.persons import a_person, granted
from tests.spec.connecting import HOUSE, read

ONE, OTHER, THIRD = (f"https://{host}.example/cb" for host in ("one", "other", "third"))
NEVER = str(NotFetched())


def draft(document: Published, *uris: str, **more: Any) -> Draft:
    facts = {"subject_type": SubjectType.PAIRWISE, "sector_identifier_uri": document.url, "scope": "openid"}
    return Draft("Phone book", ApplicationType.WEB, redirect_uris=uris or (ONE, OTHER), **{**facts, **more})


@asynccontextmanager
async def a_sector(folder: Path, *uris: str) -> AsyncIterator[tuple[Built, Published]]:
    """A house that may fetch from where this document is."""
    with published(*(uris or (ONE, OTHER))) as document:
        async with built(folder, {**HOUSE, "SCOPEKEEPER_FETCH_ALLOW": document.place}) as house:
            yield house, document


async def refused(house: Built, asked: Draft) -> str:
    """It is not registered; what is said of the reason."""
    with pytest.raises(Unfit) as unfit:
        await house.house.applications.add(asked, "cli:test")
    assert unfit.value.field == "sector_identifier_uri"
    assert await house.house.applications.count(ClientsAsked()) == 0
    return str(unfit.value)


async def test_people_are_the_same_to_all_applications_of_a_sector_and_others_to_others(tmp_path: Path) -> None:
    """Core §8.1: the host of sector_identifier_uri is the sector."""
    async with a_sector(tmp_path, ONE, OTHER, THIRD) as (house, document):
        alice, subs = await a_person(house, "alice"), []
        for asked in (
            draft(document, ONE, OTHER),
            draft(document, THIRD),
            draft(document, THIRD, sector_identifier_uri=None),
            draft(document, ONE, sector_identifier_uri=None),
        ):
            made = await house.house.applications.add(asked, "cli:test")
            subs.append((await read(house, (await granted(house, alice, made.client)).id_token)).claims["sub"])
        assert subs[0] == subs[1]
        assert len(set(subs)) == 3
        assert document.asked == 2


@pytest.mark.parametrize("subject_type", list(SubjectType))
async def test_every_redirect_uri_has_to_be_in_the_document(tmp_path: Path, subject_type: SubjectType) -> None:
    """Registration §5: MUST; whichever subjects it wants today."""
    async with a_sector(tmp_path) as (house, document):
        said = await refused(house, draft(document, ONE, THIRD, OTHER, subject_type=subject_type))
        assert said == f"the document there does not name '{THIRD}', which is one of the redirect URIs"
        document.says = [ONE, OTHER, THIRD + "/", THIRD.upper()]
        assert THIRD in await refused(house, draft(document, ONE, THIRD, subject_type=subject_type))


@pytest.mark.parametrize(
    ("says", "type"),
    [
        ({"redirect_uris": [ONE, OTHER]}, "application/json"),
        (f"{ONE} {OTHER}", "application/json"),
        ([[ONE, OTHER]], "application/json"),
        ([ONE, OTHER, 1], "application/json"),
        (None, "application/json"),
        (b"[" * 30_000, "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"", "application/json"),
        ([ONE, OTHER], "text/html"),
        ([ONE, OTHER, "https://a.example/" + "a" * 70_000], "application/json"),
    ],
)
async def test_what_is_no_such_document_is_refused_with_the_one_text(tmp_path: Path, says: object, type: str) -> None:
    async with a_sector(tmp_path) as (house, document):
        document.says, document.type = says, type
        assert await refused(house, draft(document)) == f"{NEVER}: a JSON array of all redirect URIs"


async def test_row_39_a_sector_identifier_leads_nowhere_but_out(tmp_path: Path) -> None:
    """The server of the document is there, and is not allowed: neither its address, nor plain http."""
    with published(ONE, OTHER) as document:
        async with built(tmp_path, HOUSE) as house:
            for uri in (document.url, f"https://{document.place}/", "https://169.254.169.254/", "https://localhost/"):
                with capture_logs() as logged:
                    said = await refused(house, draft(document, sector_identifier_uri=uri))
                assert said == f"{NEVER}: a JSON array of all redirect URIs"
                assert [line["event"] for line in logged] == ["not fetched"]
            assert document.asked == 0


async def test_whoever_may_not_register_it_causes_no_fetch(tmp_path: Path) -> None:
    async with a_sector(tmp_path) as (house, document):
        little = Holding(frozenset({"rest:admin"}), frozenset(GrantType))
        with pytest.raises(Exceeds):
            await house.house.applications.add(draft(document, scope="gql:callforward"), "client:x", holding=little)
        with pytest.raises(Unfit):
            await house.house.applications.add(draft(document, scope="no:such"), "client:x")
        assert document.asked == 0


async def test_it_is_asked_again_when_an_address_is_added_and_not_for_anything_else(tmp_path: Path) -> None:
    """An address can be taken away while the document is out of reach: that must never wait."""
    async with a_sector(tmp_path) as (house, document):
        applications = house.house.applications
        made = (await applications.add(draft(document), "cli:test")).client
        document.says = None
        for changes in (
            Changes(name="Another name"),
            Changes(redirect_uris=(OTHER, ONE)),
            Changes(redirect_uris=(OTHER,)),
            Changes(subject_type=SubjectType.PUBLIC),
            Changes(sector_identifier_uri=document.url),
        ):
            made = (await applications.change(made.client_id, changes, "cli:test")).client
        assert document.asked == 1
        for changes in (Changes(redirect_uris=(OTHER, THIRD)), Changes(sector_identifier_uri=f"{document.url}?new")):
            with pytest.raises(Unfit) as unfit:
                await applications.change(made.client_id, changes, "cli:test")
            assert unfit.value.field == "sector_identifier_uri"
            assert await applications.get(made.client_id) == made
        document.says = [OTHER, THIRD]
        changes = Changes(redirect_uris=(OTHER, THIRD), subject_type=SubjectType.PAIRWISE)
        made = (await applications.change(made.client_id, changes, "cli:test")).client
        assert (made.redirect_uris, document.asked) == ((OTHER, THIRD), 4)
        with pytest.raises(Unfit, match="one and the same host"):
            await applications.change(made.client_id, Changes(sector_identifier_uri=None), "cli:test")
        bare = Changes(redirect_uris=(OTHER,), sector_identifier_uri=None)
        made = (await applications.change(made.client_id, bare, "cli:test")).client
        assert (made.sector_identifier_uri, document.asked) == (None, 4)
        assert made == replace(await applications.get(made.client_id))


async def test_the_log_keeps_what_a_sector_was(tmp_path: Path) -> None:
    async with a_sector(tmp_path) as (house, document):
        applications = house.house.applications
        made = (await applications.add(draft(document, ONE), "cli:test")).client
        await applications.change(made.client_id, Changes(sector_identifier_uri=None), "cli:test")
        (act, *_) = await house.house.store.acts()
        assert act.details["sector_identifier_uri"] == {"before": document.url, "after": None}
