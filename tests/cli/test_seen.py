"""`scopekeeper app lint` and `app activity`: what there is to be said of an application, and what it did."""

from tests.cli.conftest import Shell


def registered(shell: Shell, *options: str, name: str = "Night shift", type: str = "m2m") -> str:
    client_id: str = shell.json("app", "add", name, "--type", type, *options)["client_id"]
    return client_id


def test_of_a_sound_application_there_is_nothing_to_be_said(shell: Shell) -> None:
    client_id = registered(shell, "--scope", "rest:callforward:read")
    assert shell.json("app", "lint", client_id) == []
    assert shell("app", "lint", client_id).out == "There is nothing to be said of it.\n"


def test_each_finding_is_told_with_its_reason_and_clause_the_worst_first(shell: Shell) -> None:
    client_id = registered(shell, "--grant", "implicit", "--resource-server", type="spa")
    found = shell.json("app", "lint", client_id)
    assert [each["severity"] for each in found] == sorted(
        (each["severity"] for each in found), key=["danger", "warning", "advice"].index
    )
    assert (found[0]["code"], found[0]["client_id"], found[0]["clause"]) == (
        "implicit_grant",
        client_id,
        "RFC 9700 §2.1.2",
    )
    assert found[0]["fix"] == "Switch the implicit grant off"
    said = shell("app", "lint", client_id).out
    assert said.startswith(f"Night shift ({client_id})\n  danger  It gets tokens in addresses\n")


def test_without_a_name_all_applications_are_examined(shell: Shell) -> None:
    sound = registered(shell, "--scope", "rest:callforward:read", name="Sound")
    unsound = registered(shell, "--scope", "rest:admin", name="Unsound")
    assert {each["client_id"] for each in shell.json("app", "lint")} == {unsound}
    assert sound not in shell("app", "lint").out


def test_whose_owner_is_shut_out_is_told(shell: Shell) -> None:
    shell("user", "add", "alice")
    client_id = registered(shell, "--scope", "rest:callforward:read", "--owner", "alice")
    assert shell.json("app", "lint", client_id) == []
    shell("user", "disable", "alice")
    assert [each["code"] for each in shell.json("app", "lint", client_id)] == ["owner_gone"]


def test_of_whom_nothing_was_seen_nothing_is_advised(shell: Shell) -> None:
    client_id = registered(shell, "--scope", "rest:callforward")
    seen = shell.json("app", "activity", client_id)
    assert (seen["client_id"], seen["calls"], seen["scopes_used"], seen["last_used_at"]) == (client_id, {}, [], None)
    assert seen["scopes_unused"] == ["rest:callforward"]
    assert seen["advice"] == {
        "scope": "rest:callforward",
        "narrower": False,
        "enough": False,
        "calls": 0,
        "watched_since": None,
    }
    said = shell("app", "activity", client_id, "--since", "7d").out
    assert said.startswith("Night shift: in the last 7d\n")
    assert "Nothing was seen of it in that time." in said


def test_who_is_not_there_is_refused(shell: Shell) -> None:
    for command in ("lint", "activity"):
        assert "there is no application" in shell.refused("app", command, "nobody")
