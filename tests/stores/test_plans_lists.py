"""How the database lists: from a key on, in the order of an index, so that the last page costs what the first does."""

from collections.abc import Collection
from pathlib import Path

import pytest

from scopekeeper.services.lists import ClientOrder
from scopekeeper.store.connection import DIALECT
from scopekeeper.store.listing import Listing
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements
from tests.stores.plans import plan_of

SQL = Statements(DIALECT).lists
NAME, NEWEST = SQL.clients[ClientOrder.NAME], SQL.clients[ClientOrder.NEWEST]

LISTINGS = {
    "clients by name": NAME,
    "clients by age": NEWEST,
    "tokens": SQL.tokens,
    "refresh tokens": SQL.refresh_tokens,
    "consents": SQL.consents,
    "users": SQL.users,
    "acts": SQL.acts,
}

OF_PAGE = "USE TEMP B-TREE FOR ORDER BY"
"""The rows of one page of applications are put back in order with their secrets."""


@pytest.mark.parametrize(
    ("listing", "asked", "way"),
    [
        (NAME, ["after"], "COVERING INDEX ix_applications_name_folded ((name_folded,client_id)>(?,?))"),
        (NAME, ["after", "type"], "ix_applications_name_folded ((name_folded,client_id)>(?,?))"),
        (NEWEST, ["after"], "COVERING INDEX ix_applications_created_at ((created_at,client_id)<(?,?))"),
        (SQL.tokens, ["before"], "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (SQL.tokens, ["before", "client_id"], "ix_tokens_client_id (client_id=? AND rowid>? AND rowid<?)"),
        (SQL.tokens, ["before", "user"], "ix_tokens_user (user=? AND rowid>? AND rowid<?)"),
        (SQL.refresh_tokens, ["before"], "INTEGER PRIMARY KEY (rowid<?)"),
        (SQL.refresh_tokens, ["before", "client_id"], "refresh_tokens USING INTEGER PRIMARY KEY (rowid<?)"),
        (SQL.consents, ["after"], "sqlite_autoindex_users_1 (name>?)"),
        (SQL.consents, ["user"], "sqlite_autoindex_users_1 (name=?)"),
        (SQL.consents_of_many, ["after", "client_id"], "sqlite_autoindex_users_1 (name>?)"),
        (SQL.users, ["after"], "sqlite_autoindex_users_1 (name>?)"),
        (SQL.acts, ["before"], "INTEGER PRIMARY KEY (rowid<?)"),
        (SQL.acts, ["before", "actor"], "ix_acts_actor (actor=? AND rowid<?)"),
        (SQL.acts, ["before", "target"], "ix_acts_target (target=? AND rowid<?)"),
        (SQL.acts, ["after"], "INTEGER PRIMARY KEY (rowid>?)"),
        (SQL.acts, ["looked_at", "since"], "ix_acts_looks (target=? AND action=?)"),
    ],
)
def test_a_page_begins_at_its_key_and_is_not_sorted(
    tmp_path: Path, listing: Listing, asked: Collection[str], way: str
) -> None:
    plan = plan_of(tmp_path / "it.db", listing.page(asked))
    assert any(way in step for step in plan), plan
    of_page = OF_PAGE if listing in (NAME, NEWEST) else ""
    assert [step for step in plan if "TEMP B-TREE" in step and step != of_page] == []
    assert [step for step in plan if step.startswith("SCAN") and step != "SCAN page"] == []


@pytest.mark.parametrize("name", LISTINGS)
def test_a_first_page_is_read_in_order_and_no_further_than_it_goes(tmp_path: Path, name: str) -> None:
    plan = plan_of(tmp_path / "it.db", LISTINGS[name].page([]))
    assert [step for step in plan if "TEMP B-TREE" in step and (step, name[:7]) != (OF_PAGE, "clients")] == []


@pytest.mark.parametrize("asked", [["text"], ["scope", "text", "after"]])
def test_what_few_applications_have_is_looked_for_in_the_order_in_which_they_lie(
    tmp_path: Path, asked: Collection[str]
) -> None:
    plan = plan_of(tmp_path / "it.db", SQL.clients_sought.page(asked))
    assert "SCAN applications" in plan
    assert len([step for step in plan if step == OF_PAGE]) == 2


def test_what_one_person_owns_is_found_by_their_name(tmp_path: Path) -> None:
    sought = SQL.clients_sought
    for statement in (sought.page(["owner"]), sought.count(["owner"]), Statements(DIALECT).people.disown):
        plan = plan_of(tmp_path / "it.db", statement)
        assert any("ix_applications_owner (owner=?)" in step for step in plan), plan


def test_what_people_allow_one_application_is_found_by_its_name(tmp_path: Path) -> None:
    for statement in (SQL.consents.page(["client_id"]), SQL.consents.count(["client_id"])):
        plan = plan_of(tmp_path / "it.db", statement)
        assert any("ix_consents_client_id (client_id=?)" in step for step in plan)


def test_how_far_back_tokens_may_live_is_read_from_an_index_alone(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "it.db", SQL.oldest_token)
    assert any("COVERING INDEX ix_tokens_expires_at (expires_at>?)" in step for step in plan)


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        (["client_id"], "families USING INDEX ix_families_client_id (client_id=?)"),
        (["user"], "families USING INDEX ix_families_user_id (user_id=?)"),
        (["client_id", "user"], "families USING INDEX"),
        (["client_id", "user", "family"], "families USING INTEGER PRIMARY KEY (rowid=?)"),
    ],
)
def test_the_refresh_tokens_of_one_are_found_by_its_families_and_no_others_are_read(
    tmp_path: Path, asked: Collection[str], way: str
) -> None:
    listing = SQL.refresh_tokens_of
    for statement in (listing.page([*asked, "before"]), listing.count(asked)):
        plan = plan_of(tmp_path / "it.db", statement)
        assert any(way in step for step in plan), plan
        assert any("refresh_tokens USING INDEX ix_refresh_tokens_family_id (family_id=?" in step for step in plan), plan
        assert [step for step in plan if step.startswith("SCAN") and step != "SCAN anon_1"] == []


@pytest.mark.parametrize(
    ("statement", "way"),
    [
        (SQL.act, "INTEGER PRIMARY KEY (rowid=?)"),
        (SQL.client_used, "sqlite_autoindex_applications_1 (client_id=?)"),
        (SQL.add_count, "sqlite_autoindex_applications_1 (client_id=?)"),
        (SQL.counts[3], "usage USING PRIMARY KEY (client_id=? AND hour>? AND hour<?)"),
        (SQL.sweep_counts, "ix_usage_hour (hour<?)"),
        (SQL.sweep_forgotten_counts, "usage USING PRIMARY KEY (client_id=?)"),
        (SQL.forget_counts, "usage USING PRIMARY KEY (client_id=?)"),
    ],
)
def test_what_is_counted_is_found_by_key_and_by_index(tmp_path: Path, statement: Statement, way: str) -> None:
    plan = plan_of(tmp_path / "it.db", statement)
    assert any(way in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan)
    assert not any(step.startswith("SCAN") and step != "SCAN CONSTANT ROW" for step in plan)


def test_secrets_that_ended_long_ago_are_found_without_looking_at_the_others(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "it.db", Statements(DIALECT).sweep_secrets)
    assert any("secrets USING INDEX ix_secrets_expires_at (expires_at<?)" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan)


def test_what_is_summed_up_is_read_from_one_application_and_its_hours(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "it.db", SQL.sums[3])
    assert plan[0].endswith("usage USING PRIMARY KEY (client_id=? AND hour>? AND hour<?)")


def test_a_statement_is_compiled_once_whatever_is_asked() -> None:
    first = SQL.acts.page(["before", "text"])
    assert SQL.acts.page(["text", "before"]) is first
    assert SQL.acts.page(["text", "before", "something else"]) is first
