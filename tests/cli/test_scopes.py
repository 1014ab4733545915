"""`scopekeeper scopes`: what can be given."""

import pytest

from tests.cli.conftest import Shell


def test_every_scope_has_its_api_its_module_and_its_words(shell: Shell) -> None:
    listed = {each["scope"]: each for each in shell.json("scopes")}
    assert {"scope", "api", "module", "description"} <= set(listed["rest"])
    assert listed["rest"]["module"] is listed["gql"]["module"] is None
    assert listed["rest:callforward:read"]["api"] == "rest"
    assert listed["rest:callforward:read"]["module"] == "callforward"
    assert {listed[each]["api"] for each in ("openid", "profile", "email", "offline_access")} == {"openid"}
    assert all(each["description"] for each in listed.values())


def test_people_get_a_table_and_nothing_is_made_for_it(shell: Shell) -> None:
    head, first, *_ = shell("scopes").out.splitlines()
    assert head.split() == ["Scope", "API", "Module", "Description"]
    assert first.split()[0] == "rest"
    assert not shell.data.exists()


def test_a_module_that_is_switched_off_has_no_scopes(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPEKEEPER_MODULES_OFF", "callforward")
    assert not [each for each in shell.json("scopes") if each["module"] == "callforward"]


def test_a_module_that_nobody_has_cannot_be_switched_off(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPEKEEPER_MODULES_OFF", "nope")
    assert shell.refused("scopes") == "no module is named 'nope', so it cannot be switched off"
    assert shell.refused("app", "list") == "no module is named 'nope', so it cannot be switched off"
