"""Who may do what by SCIM: the scopes of the module `admin` for accounts, and nobody more than they hold."""

from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.api.modules import Modules, installed
from scopekeeper.oauth.claims import subject_of
from scopekeeper.services.ports import Act
from tests.altered import replace
from tests.building import Built, built
from tests.devices import DEVICE_CODE
from tests.persons import a_person, a_session, an_application, granted
from tests.provisioning import BARBARA, FULL, USER, Provisioner, a_provisioner, fault_in, patch_of, provisioned
from tests.web.grants import an_office

READ: Final = "rest:admin:read:users"
WRITE: Final = "rest:admin:write:users"
OFF: Final = {"op": "replace", "path": "active", "value": False}

READS: Final[list[tuple[str, str, Any]]] = [
    ("GET", "/Users", None),
    ("GET", "/Users/{id}", None),
    ("POST", "/.search", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}),
    ("POST", "/Users/.search", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}),
]
WRITES: Final[list[tuple[str, str, Any]]] = [
    ("POST", "/Users", {"schemas": [USER], "userName": "zoe"}),
    ("PUT", "/Users/{id}", BARBARA),
    ("PATCH", "/Users/{id}", patch_of(OFF)),
    ("DELETE", "/Users/{id}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), READS + WRITES)
async def test_row_55_each_act_takes_the_scope_that_it_takes_of_the_admin_api(
    tmp_path: Path, method: str, path: str, body: Any
) -> None:
    needed, other = (READ, WRITE) if (method, path, body) in READS else (WRITE, READ)
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        at = path.format(id=made["id"])
        for scope in (other, "rest:extensions", "gql", "rest:admin:read:audit"):
            refused = await (await a_provisioner(directory.h, scope)).ask(method, at, body)
            assert fault_in(refused) == (403, None)
            challenge = refused.headers["www-authenticate"]
            assert 'error="insufficient_scope"' in challenge
            assert f'scope="{needed}"' in challenge
        assert (await directory.ask("GET", f"/Users/{made['id']}")).json() == made
        enough = await (await a_provisioner(directory.h, needed)).ask(method, at, body)
        assert enough.status in (200, 201, 204)


async def test_row_55_what_writes_and_may_not_read_is_shown_nothing_of_the_account(tmp_path: Path) -> None:
    """Neither in an answer, nor by asking: by a condition, or by a filter in a path."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(FULL)
        blind, at = await a_provisioner(directory.h, WRITE), f"/Users/{made['id']}"
        least = {"schemas": [USER], "id": made["id"]}
        for method, body in (("PUT", FULL), ("PATCH", patch_of({"op": "add", "path": "title", "value": "x"}))):
            answer = await blind.ask(method, at, body)
            told = answer.json()
            assert {name: told[name] for name in least} == least
            assert set(told) == {"schemas", "id", "meta"}
            assert set(told["meta"]) == {"resourceType", "location"}
            assert "etag" not in answer.headers
            for name in ("if-match", "if-none-match"):
                asked = await blind.ask(method, at, body, {name: 'W/"0"'})
                assert fault_in(asked) == (403, None)
                assert f'scope="{READ}"' in asked.headers["www-authenticate"]
            assert (await blind.ask(method, at, body, {"if-match": "*"})).status == 200
        guess = {"op": "replace", "path": f'emails[value eq "{FULL["emails"][0]["value"]}"].type', "value": "work"}
        assert fault_in(await blind.patch(made["id"], guess)) == (403, None)
        added = await blind.ask("POST", "/Users?attributes=userName", {"schemas": [USER], "userName": "zoe"})
        assert (added.status, set(added.json())) == (201, {"schemas", "id", "meta"})
        root = await a_person(directory.h, "root-of-all", admin=True)
        for act, sent in (("PATCH", patch_of(OFF)), ("DELETE", None)):
            last = await blind.ask(act, f"/Users/{subject_of(root.id)}", sent)
            assert (fault_in(last), b"root-of-all" in last.body) == ((409, None), False)


async def in_a_persons_name(h: Built, *, admin: bool) -> Provisioner:
    """An application that somebody let in who is an administrator, or is not."""
    person = await a_person(h, "root" if admin else "alice", admin=admin)
    return Provisioner(h, (await granted(h, person, await an_application(h))).access_token)


@pytest.mark.parametrize(("method", "path", "body"), READS + WRITES)
async def test_row_55_a_person_who_is_no_administrator_keeps_nobody(
    tmp_path: Path, method: str, path: str, body: Any
) -> None:
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        at = path.format(id=made["id"])
        alice = await in_a_persons_name(directory.h, admin=False)
        assert fault_in(await alice.ask(method, at, body)) == (403, None)
        root = await in_a_persons_name(directory.h, admin=True)
        assert (await root.ask(method, at, body)).status in (200, 201, 204)


async def test_row_55_a_password_is_given_only_by_who_holds_everything(tmp_path: Path) -> None:
    """Whoever chose it could be that person. So it is with a link to choose one by."""
    async with provisioned(tmp_path, "rest:admin") as directory:
        with_password = {**BARBARA, "password": "correct horse battery"}
        refused = await directory.ask("POST", "/Users", with_password)
        assert fault_in(refused) == (403, None)
        assert "www-authenticate" not in refused.headers
        made = await directory.add()
        assert fault_in(await directory.ask("PUT", f"/Users/{made['id']}", with_password)) == (403, None)
        secret = {"op": "add", "path": "password", "value": "correct horse battery"}
        assert fault_in(await directory.patch(made["id"], OFF, secret)) == (403, None)
        user = await directory.h.house.accounts.get(made["userName"])
        assert (user.password, user.enabled) == (None, True)
        full = await a_provisioner(directory.h, "rest gql")
        await full.patched(made["id"], secret)
        assert (await directory.h.house.accounts.get(made["userName"])).password is not None


async def test_row_55_an_administrators_account_is_changed_only_by_who_holds_everything(tmp_path: Path) -> None:
    """Unless it is only made less; and the last one stays."""
    async with provisioned(tmp_path, "rest:admin") as directory:
        accounts = directory.h.house.accounts
        for name in ("root", "admin"):
            await accounts.add(name, password="correct horse battery", email=None, admin=True, actor="cli:test")
        found = (await directory.find('userName eq "root"'))["Resources"][0]
        mine = {"op": "add", "path": "emails", "value": [{"value": "mine@example.com"}]}
        assert fault_in(await directory.patch(found["id"], mine)) == (403, None)
        assert fault_in(await directory.ask("PUT", f"/Users/{found['id']}", {**found, "locale": "de"})) == (403, None)
        await directory.patched(found["id"], OFF)
        other = (await directory.find('userName eq "admin"'))["Resources"][0]
        assert fault_in(await directory.patch(other["id"], OFF)) == (409, None)
        assert fault_in(await directory.ask("DELETE", f"/Users/{other['id']}")) == (409, None)
        assert (await directory.ask("DELETE", f"/Users/{found['id']}")).status == 204


async def test_row_55_nobody_becomes_an_administrator(tmp_path: Path) -> None:
    """Whatever a directory calls it."""
    async with provisioned(tmp_path) as directory:
        made = await directory.add(
            admin=True,
            roles=[{"value": "admin", "primary": True}],
            entitlements=[{"value": "admin"}],
            groups=[{"value": "admin"}],
            userType="admin",
        )
        await directory.patched(
            made["id"],
            {"op": "add", "path": "roles", "value": [{"value": "admin"}]},
            {"op": "add", "value": {"admin": True}},
        )
        assert fault_in(await directory.patch(made["id"], {"op": "add", "path": "admin", "value": True})) == (
            400,
            "invalidPath",
        )
        assert not (await directory.h.house.accounts.get(made["userName"])).admin


async def test_row_53_an_address_that_a_directory_writes_down_is_not_verified(tmp_path: Path) -> None:
    """And one that was is verified no more, once it is another."""
    async with provisioned(tmp_path) as directory:
        accounts, made = directory.h.house.accounts, await directory.add(FULL)
        name = made["userName"]
        assert not (await accounts.get(name)).email_verified
        await accounts.edit(name, email_verified=True, actor="cli:test")
        await directory.ask("PUT", f"/Users/{made['id']}", FULL)
        assert (await accounts.get(name)).email_verified
        await directory.patched(made["id"], {"op": "replace", "path": "emails.value", "value": "other@example.com"})
        assert not (await accounts.get(name)).email_verified


async def test_row_53_a_directory_that_holds_everything_is_believed_where_that_is_set(tmp_path: Path) -> None:
    """What is said of an address by a name, by a link or otherwise, stays: it vouches for what it writes anew."""
    async with built(tmp_path, {"SCOPEKEEPER_SCIM_VOUCHES": "true"}) as h:
        full, less, accounts = (
            await a_provisioner(h, "rest gql"),
            await a_provisioner(h, "rest:admin"),
            h.house.accounts,
        )
        made = await full.add(FULL)
        name = made["userName"]
        other = {"op": "replace", "path": "emails.value", "value": "other@example.com"}
        assert (await accounts.get(name)).email_verified
        await less.patched(made["id"], {"op": "add", "path": "locale", "value": "de"})
        assert (await accounts.get(name)).email_verified
        await less.patched(made["id"], other)
        assert not (await accounts.get(name)).email_verified
        await full.patched(made["id"], other)
        assert not (await accounts.get(name)).email_verified
        await full.patched(made["id"], {**other, "value": "third@example.com"})
        assert (await accounts.get(name)).email_verified
        await full.patched(made["id"], {"op": "remove", "path": "emails"})
        assert not (await accounts.get(name)).email_verified
        zoe = await less.add({"schemas": [USER], "userName": "zoe", "emails": [{"value": "zoe@example.com"}]})
        assert not (await accounts.get(zoe["userName"])).email_verified


@pytest.mark.parametrize("how", ["PATCH", "PUT", "DELETE"])
async def test_row_26_whoever_is_shut_out_has_no_session_and_no_token_from_then_on(tmp_path: Path, how: str) -> None:
    async with provisioned(tmp_path) as directory:
        h = directory.h
        made = await directory.add()
        user = await h.house.accounts.get(made["userName"])
        session, _ = await a_session(h, user)
        token = (await granted(h, user, await an_application(h, scope="rest:extensions"))).access_token
        assert (await h.get("/api/rest/extensions", token)).status == 200
        body = {"PATCH": patch_of({**OFF, "value": "False"}), "PUT": {**BARBARA, "active": False}}.get(how)
        assert (await directory.ask(how, f"/Users/{made['id']}", body)).status in (200, 204)
        assert await h.house.store.session(session.id) is None
        assert (await h.get("/api/rest/extensions", token)).status == 401
        if how != "DELETE":
            await directory.patched(made["id"], {**OFF, "value": True})
            assert (await h.get("/api/rest/extensions", token)).status == 401


async def test_each_act_leaves_a_record_of_who_did_it_to_whom_and_from_where(tmp_path: Path) -> None:
    async with provisioned(tmp_path, "rest gql") as directory:
        made = await directory.add(password="correct horse battery")
        await directory.patched(made["id"], {"op": "add", "path": "externalId", "value": "E2"})
        await directory.patched(made["id"], OFF)
        await directory.patched(made["id"], {"op": "add", "path": "password", "value": "another horse battery"})
        await directory.patched(
            made["id"],
            {"op": "add", "path": "locale", "value": "de"},
            {"op": "add", "path": "password", "value": "yet another battery"},
        )
        await directory.patched(made["id"], {"op": "add", "path": "locale", "value": "de"})
        await directory.ask("DELETE", f"/Users/{made['id']}")
        acts: list[Act] = [
            each for each in await directory.h.house.records.acts(limit=50) if each.target == made["userName"]
        ][::-1]
        assert [each.action for each in acts] == [
            "user.add",
            "user.change",
            "user.disable",
            "user.password",
            "user.change",
            "user.remove",
        ]
        assert acts[1].details == {"external_id": {"before": "bjensen", "after": "E2"}}
        assert acts[4].details == {"locale": {"before": None, "after": "de"}, "password": True}
        assert {each.address for each in acts} == {"203.0.113.7"}
        assert all(each.actor.startswith("client:") for each in acts)
        assert "battery" not in str(acts)


async def test_a_new_password_ends_what_the_old_one_bought(tmp_path: Path) -> None:
    async with provisioned(tmp_path) as directory:
        made = await directory.add()
        session, _ = await a_session(directory.h, await directory.h.house.accounts.get(made["userName"]))
        await directory.patched(made["id"], {"op": "add", "path": "password", "value": "correct horse battery"})
        assert await directory.h.house.store.session(session.id) is None


async def test_a_call_is_noted_with_its_scope_and_with_what_it_wrote(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        application = await h.register("rest:admin")
        directory = Provisioner(h, await h.token(application))
        made = await directory.add()
        await directory.patched(made["id"], OFF)
        await directory.find("userName pr")
        await directory.ask("DELETE", f"/Users/{made['id']}")
        await h.house.uses.write(h.house.store, h.clock, h.house.entropy)
        client = await h.house.applications.get(application.client_id)
        observed = await h.house.usage.observed(client, None)
        assert {each.what: each.times for each in observed.scopes} == {WRITE: 3, READ: 1}
        assert {each.what for each in observed.written} == {"admin/users", f"admin/users/{made['userName']}"}


async def test_where_the_module_admin_is_off_there_is_no_scim(tmp_path: Path) -> None:
    modules = Modules([each for each in installed() if each.name != "admin"], switched_off=["admin"])
    async with built(tmp_path, modules=modules) as h:
        directory = await a_provisioner(h, "rest")
        for path in ("/Users", "/ServiceProviderConfig"):
            assert fault_in(await directory.ask("GET", path)) == (404, None)


def test_a_password_is_in_no_words_for_what_is_asked() -> None:
    from scopekeeper.api.scim.bodies import state_of
    from scopekeeper.api.scim.patching import changes_of
    from scopekeeper.api.scim.resources import account_of

    changes = changes_of(patch_of({"op": "add", "path": "password", "value": "t0p secret"}))
    account = account_of(state_of({**BARBARA, "password": "t0p secret"}), None)
    assert "t0p" not in repr(changes) + repr(account)
    assert replace(account, password="other t0p").password == "other t0p"


@pytest.mark.parametrize("again", [False, True])
async def test_row_26_what_was_let_in_and_not_yet_redeemed_dies_with_the_door_and_does_not_come_back(
    tmp_path: Path, *, again: bool
) -> None:
    async with an_office(tmp_path, grants=("device_code",)) as office:
        directory = await a_provisioner(office.house, "rest gql")
        code, device, bought = await office.code(), await office.device(), await office.bought()
        in_time = await office.device(user_code="WDJBMJHT")
        assert (await office.ask(grant_type=DEVICE_CODE, device_code=in_time)).status == 200
        [alice] = (await directory.find('userName eq "alice"'))["Resources"]
        await directory.patched(alice["id"], OFF)
        if again:
            await directory.patched(alice["id"], {**OFF, "value": True})
        assert (await office.redeem(code)).status == 400
        assert (await office.ask(grant_type=DEVICE_CODE, device_code=device)).status == 400
        assert (await office.refresh(bought["refresh_token"])).status == 400
        assert await office.active(bought["access_token"]) == [False]
