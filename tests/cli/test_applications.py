"""`scopekeeper app …`, as scripts and people use it."""

import re
import stat
from typing import Any

import pytest

from scopekeeper.cli.applications.registration import ADD_EXAMPLES
from scopekeeper.oauth.applications import TYPES, short
from scopekeeper.oauth.authentication import ACR_VALUES
from tests.cli.conftest import Shell
from tests.outside import published

SECRET = re.compile(r"skpr_cs_[0-9A-Za-z]{49}")
RECORD = {
    "client_id", "type", "name", "description", "website", "owner", "enabled", "scope", "grant_types", "redirect_uris",
    "post_logout_redirect_uris", "backchannel_logout_uri", "token_format", "signing_alg",
    "frontchannel_logout_uri", "outlives_session",
    "id_token_signed_response_alg", "userinfo_signed_response_alg", "subject_type", "sector_identifier_uri",
    "default_max_age", "default_acr_values", "required_acr", "access_token_lifetime",
    "code_lifetime", "pkce", "trusted", "resource_server", "created_at", "updated_at", "secrets",
}  # fmt: skip


def added(shell: Shell, *options: str, type: str = "m2m") -> dict[str, Any]:
    made: dict[str, Any] = shell.json("app", "add", "Night shift", "--type", type, *options)
    return made


def test_add_answers_one_object_with_the_names_of_the_contract(shell: Shell) -> None:
    made = shell.json("app", "add", "Night shift", "--type", "m2m", "--scope", "rest:callforward:read gql")
    assert list(made) == ["client_id", "client_secret", "type", "name", "scope", "grant_types", "redirect_uris"]
    assert SECRET.fullmatch(made.pop("client_secret"))
    assert re.fullmatch(r"[0-9A-Za-z]{22}", made.pop("client_id"))
    assert made == {
        "type": "m2m",
        "name": "Night shift",
        "scope": "rest:callforward:read gql",
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
    }


def test_a_public_client_has_no_secret(shell: Shell) -> None:
    made = added(shell, "--redirect-uri", "https://a.example/cb", "--redirect-uri", "http://localhost/cb", type="spa")
    assert "client_secret" not in made
    assert made["redirect_uris"] == ["https://a.example/cb", "http://localhost/cb"]
    assert "public client: it has no secret to rotate" in shell.refused("app", "rotate", made["client_id"])


@pytest.mark.parametrize("type", ["web", "spa"])
def test_whoever_cannot_be_sent_back_to_is_registered_with_a_hint(type: str, shell: Shell) -> None:
    said = shell("app", "add", "Half done", "--type", type)
    assert said.code == 0
    assert re.search(r"warning: It has no redirect URI\. .* scopekeeper app update \w{22} --redirect-uri", said.err)
    assert "Redirect URIs  none yet: scopekeeper app update" in said.out


def test_a_native_application_may_be_for_devices_alone(shell: Shell) -> None:
    said = shell("app", "add", "Wall display", "--type", "native", "--scope", "rest:callforward:read")
    assert (said.code, said.err) == (0, "")
    assert "Redirect URIs  none yet: " in said.out


def test_device_code_stands_for_its_long_name(shell: Shell) -> None:
    made = added(shell, "--grant", "device_code", "--grant", "authorization_code", type="web")
    assert made["grant_types"] == [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
    ]


def test_all_that_can_be_said_of_an_application_is_remembered(shell: Shell) -> None:
    shell.json("user", "add", "alice")
    made = added(
        shell, "--scope", "openid", "--scope", "rest:callforward:read", "--redirect-uri", "https://a.example/cb",
        "--grant", "client_credentials", "--post-logout-redirect-uri", "https://a.example/out",
        "--backchannel-logout-uri", "https://a.example/bye", "--frontchannel-logout-uri", "https://a.example/frame",
        "--outlives-session", "never", "--default-max-age", "12h", "--default-acr-value", ACR_VALUES[0],
        "--require-acr", ACR_VALUES[1], "--description", "For the night", "--website",
        "https://a.example/", "--owner", "alice", "--token-format", "jwt", "--signing-alg", "RS256",
        "--id-token-alg", "Ed25519", "--userinfo-alg", "ES256", "--subject-type", "pairwise",
        "--access-token-lifetime", "15m", "--code-lifetime", "30s", "--pkce", "optional", "--trusted",
        "--resource-server", type="web",
    )  # fmt: skip
    shown = shell.json("app", "show", made["client_id"])
    assert set(shown) == RECORD
    del shown["secrets"], shown["created_at"], shown["updated_at"]
    assert shown == {
        "client_id": made["client_id"],
        "type": "web",
        "name": "Night shift",
        "description": "For the night",
        "website": "https://a.example/",
        "owner": "alice",
        "enabled": True,
        "scope": "openid rest:callforward:read",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "redirect_uris": ["https://a.example/cb"],
        "post_logout_redirect_uris": ["https://a.example/out"],
        "backchannel_logout_uri": "https://a.example/bye",
        "frontchannel_logout_uri": "https://a.example/frame",
        "outlives_session": "never",
        "default_max_age": 43_200,
        "default_acr_values": [ACR_VALUES[0]],
        "required_acr": ACR_VALUES[1],
        "token_format": "jwt",
        "signing_alg": "RS256",
        "id_token_signed_response_alg": "Ed25519",
        "userinfo_signed_response_alg": "ES256",
        "subject_type": "pairwise",
        "sector_identifier_uri": None,
        "access_token_lifetime": 900,
        "code_lifetime": 30,
        "pkce": "optional",
        "trusted": True,
        "resource_server": True,
    }


def test_what_was_said_of_sessions_is_shown_to_people_and_can_be_taken_back(shell: Shell) -> None:
    made = added(
        shell, "--redirect-uri", "https://a.example/cb", "--frontchannel-logout-uri", "https://a.example/frame",
        "--default-max-age", "12h", "--default-acr-value", ACR_VALUES[0], "--require-acr", ACR_VALUES[1],
        type="spa",
    )  # fmt: skip
    said = shell("app", "update", made["client_id"], "--outlives-session", "always")
    assert said.err.startswith("scopekeeper: warning: Signing out does not stop it.")
    told = shell("app", "show", made["client_id"]).out
    for line in (
        r"Front-channel logout URI +https://a\.example/frame", "Outlives its session +everything",
        "Sign-ins by default +12h old at most", f"acr by default +{ACR_VALUES[0]}", f"acr required +{ACR_VALUES[1]}",
    ):  # fmt: skip
        assert re.search(rf"^  {line}$", told, re.MULTILINE), line
    cleared = shell.json(
        "app", "update", made["client_id"], "--frontchannel-logout-uri", "", "--outlives-session", "offline_access",
        "--default-max-age", "", "--default-acr-value", "", "--require-acr", "",
    )  # fmt: skip
    assert (cleared["frontchannel_logout_uri"], cleared["outlives_session"]) == (None, "offline_access")
    assert (cleared["default_max_age"], cleared["default_acr_values"], cleared["required_acr"]) == (None, [], None)
    told = shell("app", "show", made["client_id"]).out
    for line in ("Outlives its session +what has offline_access", "Sign-ins by default +of any age"):
        assert re.search(rf"^  {line}$", told, re.MULTILINE), line


def test_userinfo_that_was_signed_can_be_plain_again(shell: Shell) -> None:
    made = added(shell, "--redirect-uri", "https://a.example/cb", "--userinfo-alg", "RS256", type="web")
    assert shell.json("app", "show", made["client_id"])["userinfo_signed_response_alg"] == "RS256"
    changed = shell.json("app", "update", made["client_id"], "--userinfo-alg", "none", "--subject-type", "pairwise")
    assert (changed["userinfo_signed_response_alg"], changed["subject_type"]) == (None, "pairwise")


def test_a_sector_identifier_is_fetched_and_an_empty_one_clears(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    uris = ("--redirect-uri", "https://a.example/cb", "--redirect-uri", "https://b.example/cb")
    with published("https://a.example/cb", "https://b.example/cb") as document:
        sector = ("--subject-type", "pairwise", "--sector-identifier-uri", document.url)
        line = shell.refused("app", "add", "Night shift", "--type", "web", *uris, *sector)
        assert line.startswith("--sector-identifier-uri: it cannot be fetched: ")
        monkeypatch.setenv("SCOPEKEEPER_FETCH_ALLOW", "127.0.0.1")
        made = added(shell, *uris, *sector, type="web")
        assert document.asked == 1
        shown = shell.json("app", "show", made["client_id"])
        assert shown["sector_identifier_uri"] == document.url
        assert document.url in shell("app", "show", made["client_id"]).out
    line = shell.refused("app", "update", made["client_id"], "--redirect-uri", "https://c.example/cb")
    assert line.startswith("--sector-identifier-uri: it cannot be fetched: ")
    plain = ("--sector-identifier-uri", "", "--subject-type", "public")
    assert shell.json("app", "update", made["client_id"], *plain)["sector_identifier_uri"] is None


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--scope", "rest:nope"], "--scope: no such scope: rest:nope. `scopekeeper scopes` lists them all"),
        (["--scope", "rest:callforward:read:x:y"], "--scope: "),
        (["--grant", "password"], "--grant: a m2m application cannot have password; it can have client_credentials"),
        (["--grant", "nope"], "--grant: no such grant: nope. There are authorization_code, client_credentials"),
        (["--redirect-uri", "http://a.example/cb"], "--redirect-uri: http is for 127.0.0.1, [::1] and localhost only"),
        (["--redirect-uri", "https://*.example/cb"], "--redirect-uri: "),
        (["--redirect-uri", "com.example.app:/cb"], "--redirect-uri: a private-use scheme is for native applications"),
        (["--post-logout-redirect-uri", "x"], "--post-logout-redirect-uri: "),
        (["--backchannel-logout-uri", "ftp://a.example"], "--backchannel-logout-uri: "),
        (
            ["--frontchannel-logout-uri", "https://a.example/"],
            "--frontchannel-logout-uri: nobody signs in to a machine",
        ),
        (["--outlives-session", "always"], "--outlives-session: nobody signs in to a machine-to-machine application"),
        (["--default-max-age", "1h"], "--default-max-age: nobody signs in to a machine-to-machine application"),
        (["--default-acr-value", ACR_VALUES[0]], "--default-acr-value: nobody signs in to a machine-to-machine"),
        (["--website", "ftp://a.example"], "--website: a website is an https address"),
        (["--access-token-lifetime", "0"], "--access-token-lifetime: an access token lives for 1 second to 30 days"),
        (["--code-lifetime", "11m"], "--code-lifetime: a code lives for 1 second to 10 minutes"),
        (["--pkce", "optional"], "--pkce: only a web application can do without PKCE"),
    ],
)
def test_what_cannot_be_registered_is_one_line_that_says_how_to_mend_it(
    options: list[str], line: str, shell: Shell
) -> None:
    assert shell.refused("app", "add", "X", "--type", "m2m", *options).startswith(line)
    assert shell.json("app", "list") == []


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--default-acr-value", "gold"], f"--default-acr-value: no such acr: 'gold'. There is {ACR_VALUES[0]}"),
        (
            ["--default-max-age", "366d"],
            "--default-max-age: the longest time since a sign-in is 0 seconds to 365 days",
        ),
        (
            ["--frontchannel-logout-uri", "https://b.example/"],
            "--frontchannel-logout-uri: its scheme, host and port are those of a redirect URI of the application: ",
        ),
    ],
)
def test_what_cannot_be_said_of_sessions_is_one_line_that_says_how_to_mend_it(
    options: list[str], line: str, shell: Shell
) -> None:
    uri = ("--redirect-uri", "https://a.example/cb")
    assert shell.refused("app", "add", "X", "--type", "web", *uri, *options).startswith(line)
    made = added(shell, *uri, type="web")
    assert shell.refused("app", "update", made["client_id"], *options).startswith(line)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31mred", "x" * 101])
def test_a_name_is_something_that_can_be_shown(name: str, shell: Shell) -> None:
    assert shell.refused("app", "add", name, "--type", "m2m").startswith("name has ")


def test_the_credential_is_shown_to_people_with_the_addresses_to_use_it_at(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOPEKEEPER_ISSUER", "https://id.example.com")
    said = shell("app", "add", "Night shift", "--type", "m2m", "--scope", "gql:callforward")
    assert said.err == ""
    assert said.out.startswith("Night shift: Machine-to-Machine app, enabled\n")
    assert SECRET.search(said.out)
    assert "never shown again" in said.out
    for address in ("oauth/token", "api/rest/", "api/graphql"):
        assert f"https://id.example.com/{address}\n" in said.out


def test_who_gets_no_scopes_is_told_how_to_get_some(shell: Shell) -> None:
    said = shell("app", "add", "X", "--type", "m2m")
    assert re.search(r"Scopes +none yet: scopekeeper app update \w+ --scope …", said.out)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--type", "native", "--grant", "password"], "It asks people for their passwords"),
        (["--type", "spa", "--grant", "implicit"], "It gets tokens in addresses"),
        (["--type", "web", "--pkce", "optional"], "PKCE is optional"),
        (["--type", "m2m", "--scope", "rest gql"], "It may do everything"),
        (["--type", "m2m", "--scope", "rest:admin:read:audit"], "It may administer"),
    ],
)
def test_what_the_security_of_today_would_do_without_is_a_warning(options: list[str], word: str, shell: Shell) -> None:
    said = shell("app", "add", "Old", *options, "--json")
    assert said.code == 0
    assert said.err.startswith(f"scopekeeper: warning: {word}")
    assert said.json()["name"] == "Old"


def test_the_help_knows_the_types_and_their_grants() -> None:
    for type, rules in TYPES.items():
        defaults = ", ".join(map(short, rules.defaults))
        (line,) = re.findall(rf"^  {type.value} +(.*)$", ADD_EXAMPLES, re.MULTILINE)
        named, _, switched = line.partition(" (")
        assert named == defaults
        assert set(switched.rstrip(")").split(", ")) - {""} == set(map(short, rules.switches))


def test_list_is_an_array_of_all_that_is_known_and_empty_before_the_first(shell: Shell) -> None:
    assert shell.json("app", "list") == []
    one, other = added(shell), added(shell, type="native")
    listed = shell.json("app", "list")
    assert {each["client_id"] for each in listed} == {one["client_id"], other["client_id"]}
    assert all(set(each) == RECORD for each in listed)


@pytest.mark.parametrize(
    ("options", "state"),
    [
        (["--type", "m2m"], "enabled"),
        (["--type", "spa", "--grant", "implicit"], "enabled, has implicit"),
        (["--type", "native", "--grant", "password"], "enabled, has password"),
        (["--type", "web", "--pkce", "optional", "--trusted"], "enabled, PKCE optional, trusted"),
    ],
)
def test_what_is_out_of_the_ordinary_is_told_wherever_the_application_is_shown(
    options: list[str], state: str, shell: Shell
) -> None:
    made = shell.json("app", "add", "Night shift", *options)
    assert shell("app", "list").out.splitlines()[1].rstrip().endswith(f" {state}")
    assert shell("app", "show", made["client_id"]).out.splitlines()[0].endswith(f", {state}")


def test_an_empty_list_says_what_to_do_next(shell: Shell) -> None:
    assert "Register one: scopekeeper app add" in shell("app", "list").out


def test_what_is_piped_elsewhere_is_one_line_an_application(shell: Shell) -> None:
    scopes = "rest:callforward:read rest:callforward:write gql:callforward:read gql:callforward:write"
    made = added(shell, "--scope", scopes)
    head, line = shell("app", "list").out.splitlines()
    assert head.split() == ["Client", "ID", "Name", "Type", "Scopes", "State"]
    assert line.rstrip() == f"{made['client_id']}  Night shift  m2m   {scopes}  enabled"


def test_show_tells_of_secrets_and_never_shows_them(shell: Shell) -> None:
    made = added(shell)
    secret = made["client_secret"]
    said = shell("app", "show", made["client_id"])
    assert f"…{secret[-4:]} (first), made " in said.out
    assert "never used" in said.out
    (shown,) = shell.json("app", "show", made["client_id"])["secrets"]
    assert set(shown) == {
        "id", "last_four", "label", "created_at", "created_by", "expires_at", "last_used_at", "last_used_address"
    }  # fmt: skip
    assert shown["last_four"] == secret[-4:]
    assert shown["created_by"].startswith("cli")


def test_one_secret_is_ended_by_its_id_and_the_others_go_on(shell: Shell) -> None:
    client_id = added(shell)["client_id"]
    shell("app", "rotate", client_id)
    old, new = shell.json("app", "show", client_id)["secrets"]
    assert f"{old['id']}  …{old['last_four']}" in shell("app", "show", client_id).out
    assert shell("app", "end-secret", client_id, old["id"]).out == "The secret has ended.\n"
    assert shell.json("app", "end-secret", client_id, old["id"]) == {
        "client_id": client_id,
        "secret_id": old["id"],
        "ended": False,
    }
    now = shell.json("app", "show", client_id)["secrets"]
    assert [each["expires_at"] is None for each in now if each["id"] == new["id"]] == [True]
    assert shell.refused("app", "end-secret", client_id, "0000000000a") == "there is no such secret"


def test_what_is_no_secrets_id_is_not_repeated_for_it_may_be_a_secret(shell: Shell) -> None:
    made = added(shell)
    line = shell.refused("app", "end-secret", made["client_id"], made["client_secret"])
    assert line == "that is no secret's id: `scopekeeper app show CLIENT_ID` tells them"


def test_applications_are_narrowed_and_ordered(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    added(shell, "--scope", "rest:callforward", "--owner", "alice", "--description", "By night")
    shell("app", "add", "Phones", "--type", "spa")

    def names(*options: str) -> list[str]:
        return [each["name"] for each in shell.json("app", "list", *options)]

    assert names() == ["Night shift", "Phones"]
    assert names("--type", "spa") == ["Phones"]
    assert names("--owner", "Alice") == ["Night shift"]
    assert names("--scope", "rest:callforward:read") == ["Night shift"]
    assert names("--text", "by NIGHT") == ["Night shift"]
    assert (names("--state", "enabled"), names("--state", "disabled")) == (["Night shift", "Phones"], [])
    assert shell("app", "list", "--state", "disabled").out == "No application matches.\n"


def test_a_secret_is_shown_once_and_by_no_command_afterwards(shell: Shell) -> None:
    made = added(shell)
    known = [made["client_secret"], shell.json("app", "rotate", made["client_id"])["client_secret"]]
    for form in ([], ["--json"]):
        for command in (
            ["app", "list"], ["app", "show", made["client_id"]], ["app", "disable", made["client_id"]],
            ["app", "enable", made["client_id"]], ["app", "update", made["client_id"], "--description", "x"],
            ["token", "list"],
        ):  # fmt: skip
            said = shell(*command, *form)
            assert said.code == 0
            assert SECRET.search(said.out) is None
            assert not any(secret in said.out + said.err for secret in known)


def test_update_changes_what_is_given_and_leaves_the_rest(shell: Shell) -> None:
    made = added(shell, "--scope", "rest gql", "--description", "old", "--access-token-lifetime", "15m")
    before = shell.json("app", "show", made["client_id"])
    after = shell.json("app", "update", made["client_id"], "--name", "Day shift", "--scope", "rest:callforward:read")
    assert after == before | {
        "name": "Day shift",
        "scope": "rest:callforward:read",
        "updated_at": after["updated_at"],
    }


def test_an_empty_text_clears(shell: Shell) -> None:
    shell.json("user", "add", "alice")
    made = added(
        shell, "--scope", "rest", "--description", "old", "--website", "https://a.example", "--owner", "alice",
        "--access-token-lifetime", "15m", "--code-lifetime", "30s", "--redirect-uri", "https://a.example/cb",
        "--grant", "refresh_token", "--backchannel-logout-uri", "https://a.example/bye", type="spa",
    )  # fmt: skip
    cleared = shell.json(
        "app", "update", made["client_id"], "--scope", "", "--description", "", "--website", "", "--owner", "",
        "--access-token-lifetime", "", "--code-lifetime", "", "--redirect-uri", "", "--grant", "",
        "--backchannel-logout-uri", "",
    )  # fmt: skip
    assert (cleared["scope"], cleared["description"]) == ("", "")
    assert cleared["website"] is cleared["owner"] is cleared["access_token_lifetime"] is None
    assert cleared["backchannel_logout_uri"] is cleared["code_lifetime"] is None
    assert cleared["redirect_uris"] == []
    assert cleared["grant_types"] == ["authorization_code"]


def test_an_update_of_nothing_is_refused(shell: Shell) -> None:
    assert shell.refused("app", "update", added(shell)["client_id"]).startswith("nothing to change was given")


def test_a_native_application_that_gets_the_password_grant_gets_its_secret_then(shell: Shell) -> None:
    made = added(shell, type="native")
    assert "client_secret" not in made
    changed = shell.json("app", "update", made["client_id"], "--grant", "password")
    assert SECRET.fullmatch(changed["client_secret"])


def test_disable_and_enable_turn_an_application_off_and_on(shell: Shell) -> None:
    made = added(shell)
    assert shell.json("app", "disable", made["client_id"])["enabled"] is False
    assert "disabled" in shell("app", "list").out
    assert shell.json("app", "enable", made["client_id"])["enabled"] is True


def test_rotate_answers_the_client_id_and_the_new_secret_and_nothing_else(shell: Shell) -> None:
    made = added(shell)
    rotated = shell.json("app", "rotate", made["client_id"])
    assert list(rotated) == ["client_id", "client_secret"]
    assert rotated["client_secret"] != made["client_secret"]
    old, new = sorted(
        shell.json("app", "show", made["client_id"])["secrets"], key=lambda secret: secret["expires_at"] is None
    )
    assert old["expires_at"] is not None
    assert new["expires_at"] is None


def test_rotate_tells_people_how_long_the_old_secret_works(shell: Shell) -> None:
    made = added(shell)
    assert "The old secrets work for 1d more." in shell("app", "rotate", made["client_id"]).out
    assert "The old secrets work for 7d more." in shell("app", "rotate", made["client_id"], "--overlap", "7d").out
    assert "The old secrets have ended." in shell("app", "rotate", made["client_id"], "--overlap", "0").out


def test_compromised_answers_the_new_secret_and_a_report(shell: Shell) -> None:
    made = added(shell)
    done = shell.json("app", "compromised", made["client_id"])
    assert list(done) == ["client_id", "client_secret", "report"]
    assert done["client_secret"] != made["client_secret"]
    assert done["report"]["secrets_ended"] == 1
    assert (done["report"]["tokens_ended"], done["report"]["consents_ended"], done["report"]["people"]) == (0, 0, 0)
    (secret,) = shell.json("app", "show", made["client_id"])["secrets"]
    assert secret["last_four"] == done["client_secret"][-4:]
    said = shell("app", "compromised", made["client_id"]).out
    assert "Ended now      secrets: 1, live tokens: 0, consents: 0\n" in said


def test_remove_forgets_and_asks_nobody_where_nobody_types(shell: Shell) -> None:
    made = added(shell)
    assert shell("app", "remove", made["client_id"]).out == f"Removed {made['client_id']}.\n"
    assert shell.json("app", "list") == []


@pytest.mark.parametrize("command", ["show", "disable", "enable", "remove", "rotate", "compromised"])
def test_an_application_that_is_not_there_is_one_line_and_1(command: str, shell: Shell) -> None:
    assert shell.refused("app", command, "nobody") == "there is no application 'nobody'"


def test_bytes_that_are_no_text_are_one_line_and_1(shell: Shell) -> None:
    assert shell.refused("app", "show", "\udcff") == "an argument holds bytes that are no text"
    assert shell.refused("app", "add", "\udcff", "--type", "m2m") == "name has printable characters only"


def test_the_first_command_makes_the_database_for_its_owner_alone(shell: Shell) -> None:
    added(shell)
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in (shell.data, *shell.data.iterdir())}
    assert modes == {"data": "0o700", "master.key": "0o600", "scopekeeper.db": "0o600"}
