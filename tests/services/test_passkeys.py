"""Passkeys: everything that an answer has to be, and that it is refused in the same words where it is not."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from scopekeeper.oauth.factors import Factors, Passkey
from scopekeeper.oauth.people import User
from scopekeeper.oauth.webauthn import LARGEST_ANSWER
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.passages import Passages
from scopekeeper.services.passkeys import LIFETIME, SIGN_IN_LIFETIME, Asking, Passkeys, WrongPasskey
from scopekeeper.services.ports import Act
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.authenticator import AT, BE, BS, UP, UV, Authenticator, Credential, cbor, cose, plain, text
from tests.fixtures import NOON
from tests.services.desk import ADDRESS, Desk, a_desk

ISSUER: Final = "https://auth.example.com"
KEY: Final = "the browser's secret"
PASSKEY: Final = ("pop", "user", "mfa")

RSA: Final = rsa.generate_private_key(65_537, 2_048)
P256: Final = cose(ec.generate_private_key(ec.SECP256R1()))


@dataclass(frozen=True, slots=True)
class Place:
    """Where alice has an account, and an authenticator in her hand."""

    desk: Desk
    passkeys: Passkeys
    alice: User
    hers: Authenticator

    async def make(self, user: User | None = None, key: Any = None, **more: Any) -> Passkey:
        """A passkey of this person, made and not kept."""
        user = user or self.alice
        asking = self.passkeys.make(KEY, user, await self.desk.store.factors(user.id))
        return await self.passkeys.made(KEY, asking.sealed, self.hers.make(asking.options, key, **more), "Phone", user)

    async def register(self, user: User | None = None, key: Any = None) -> Passkey:
        """The same, and kept."""
        made = await self.make(user, key)
        act = Act(self.desk.entropy.row_id(), NOON, "user:alice", "passkey.add", "alice")
        await self.desk.store.add_passkey(made, 20, act)
        return made

    async def prove(
        self, asking: Asking, answer: str | None = None, *, key: str = KEY, only: User | None = None, **more: Any
    ) -> tuple[str, tuple[str, ...]]:
        """Who answered, and how; by itself her authenticator does, with the last passkey that it made."""
        answer = answer if answer is not None else self.hers.prove(asking.options, **more)
        user, amr = await self.passkeys.proven(key, asking.sealed, answer, address=ADDRESS, only=only)
        assert user == await self.desk.store.user(user.name)
        return user.name, amr

    async def refusals(self) -> list[tuple[str, object]]:
        """To whom something was refused and why, the newest first, as the audit log has it."""
        await self.desk.uses.write(self.desk.store, self.desk.clock, self.desk.entropy)
        return [
            (act.target, act.details.get("reason"))
            for act in await self.desk.store.acts()
            if act.action == "user.refused"
        ]


async def a_place(store: MemoryStore | None = None, *, issuer: str = ISSUER, burst: int = 30) -> Place:
    desk = a_desk(store, burst=burst)
    vault = Vault(bytes(32))
    passages = Passages(vault.passages, desk.store, desk.clock)
    passkeys = Passkeys(desk.store, passages, desk.attempts, desk.uses, vault.handles, desk.clock, desk.entropy, issuer)
    return Place(desk, passkeys, await desk.add(), Authenticator(issuer))


async def refused(place: Place, doing: Any, why: str, who: str = "unknown") -> None:
    """It is refused: in the words that everybody hears, while the log knows why."""
    with pytest.raises(WrongPasskey) as said:
        await doing
    assert str(said.value) == "that passkey was not accepted"
    assert (await place.refusals())[0] == (who, why)


# What goes well


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate(), RSA], ids=["ec", "ed", "rsa"]
)
async def test_whoever_has_a_passkey_proves_who_they_are_without_a_name(key: Any) -> None:
    """By each algorithm that is asked for (RFC 9053 §2.1, §2.2; RFC 8812 §2)."""
    place = await a_place()
    await place.register(key=key)
    assert await place.prove(place.passkeys.ask(KEY)) == ("alice", PASSKEY)
    assert await place.refusals() == []


async def test_a_passkey_is_kept_with_all_that_is_to_be_known_of_it() -> None:
    """Its key is a COSE_Key (RFC 9052 §7)."""
    place = await a_place()
    made = await place.register()
    [hers] = place.hers.credentials
    assert made == Passkey(
        made.id, place.alice.id, hers.id, made.public_key, 1, "Phone", NOON, transports=("internal", "hybrid")
    )
    assert made.public_key == cbor(dict(sorted(cose(hers.key).items(), key=lambda member: cbor(member[0]))))
    place.desk.clock.advance(60)
    await place.prove(place.passkeys.ask(KEY))
    assert (await place.desk.store.factors(place.alice.id)).passkeys == (
        replace(made, sign_count=2, last_used_at=NOON + 60),
    )


async def test_one_that_is_on_other_devices_too_is_known_as_such_when_it_is_made_and_when_it_is_used() -> None:
    place = await a_place()
    place.hers.counts = False
    place.hers.flags |= BE | BS
    made = await place.register()
    assert (made.synced, made.sign_count) == (True, 0)
    place.hers.flags ^= BS
    for _ in range(2):  # it keeps no count, and none is missed
        await place.prove(place.passkeys.ask(KEY))
    [kept] = (await place.desk.store.factors(place.alice.id)).passkeys
    assert (kept.synced, kept.sign_count) == (False, 0)


async def test_after_a_password_any_of_the_persons_own_will_do() -> None:
    place = await a_place()
    for _ in range(2):
        await place.register()
    factors = await place.desk.store.factors(place.alice.id)
    for credential in place.hers.credentials:
        asking = place.passkeys.ask(KEY, factors)
        assert {plain(each["id"]) for each in json.loads(asking.options)["allowCredentials"]} == {
            each.id for each in place.hers.credentials
        }
        assert await place.prove(asking, only=place.alice, credential=credential) == ("alice", PASSKEY)


async def test_as_a_second_step_it_need_not_verify_and_then_is_one_factor() -> None:
    place = await a_place()
    await place.register()
    place.hers.flags = UP
    asking = place.passkeys.ask(KEY, await place.desk.store.factors(place.alice.id))
    assert json.loads(asking.options)["userVerification"] == "preferred"
    assert await place.prove(asking, only=place.alice) == ("alice", ("pop", "user"))


async def test_an_authenticator_that_was_told_for_whom_may_say_so_or_not() -> None:
    place = await a_place()
    await place.register()
    asking = place.passkeys.ask(KEY, await place.desk.store.factors(place.alice.id))
    assert (await place.prove(asking, only=place.alice, userHandle=None)) == ("alice", PASSKEY)


async def test_the_browser_is_asked_for_a_discoverable_verified_passkey_of_ours() -> None:
    place = await a_place()
    await place.register()
    alice = replace(place.alice, full_name="Alice Liddell")
    making = json.loads(place.passkeys.make(KEY, alice, await place.desk.store.factors(alice.id)).options)
    assert making["rp"]["id"] == "auth.example.com"
    assert making["attestation"] == "none"
    assert [each["alg"] for each in making["pubKeyCredParams"]] == [-7, -8, -257]
    assert making["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [plain(each["id"]) for each in making["excludeCredentials"]] == [place.hers.credentials[0].id]
    assert (making["user"]["name"], making["user"]["displayName"]) == ("alice", "Alice Liddell")
    asking = json.loads(place.passkeys.ask(KEY).options)
    assert (asking["rpId"], asking["userVerification"]) == ("auth.example.com", "required")
    assert asking["allowCredentials"] == []
    assert len(plain(asking["challenge"])) >= 16


async def test_a_handle_says_nothing_and_is_nobody_elses() -> None:
    place = await a_place()
    bob = await place.desk.add("bob")
    handles = Vault(bytes(32)).handles
    assert len({handles.of(place.alice), handles.of(bob), Vault(bytes([1]) * 32).handles.of(place.alice)}) == 3
    assert len(handles.of(place.alice)) == 32
    assert handles.of(place.alice) == Vault(bytes(32)).handles.of(replace(place.alice, name="alicia"))


@pytest.mark.parametrize(
    ("issuer", "there"),
    [
        ("https://auth.example.com", True),
        ("https://auth.example.com:8443", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://[2001:db8::1]", False),
    ],
)
async def test_there_are_passkeys_where_the_issuer_is_a_host_with_a_name(issuer: str, there: bool) -> None:
    place = await a_place(issuer=issuer)
    assert place.passkeys.available is there


async def test_a_port_is_part_of_the_origin_and_not_of_the_party() -> None:
    place = await a_place(issuer="https://auth.example.com:8443")
    await place.register()
    assert await place.prove(place.passkeys.ask(KEY)) == ("alice", PASSKEY)
    assert json.loads(place.passkeys.ask(KEY).options)["rpId"] == "auth.example.com"
    place.hers.origin = "https://auth.example.com"
    await refused(place, place.prove(place.passkeys.ask(KEY)), "the answer was given at another origin")


# What does not


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"client": {"origin": "https://auth.example.com.evil.example"}}, "the answer was given at another origin"),
        ({"client": {"origin": "http://auth.example.com"}}, "the answer was given at another origin"),
        ({"client": {"origin": "https://www.auth.example.com"}}, "the answer was given at another origin"),
        ({"client": {"origin": "https://auth.example.com:443"}}, "the answer was given at another origin"),
        ({"client": {"origin": "https://AUTH.example.com"}}, "the answer was given at another origin"),
        ({"client": {"origin": "https://auth.example.com/"}}, "the answer was given at another origin"),
        ({"client": {"origin": "android:apk-key-hash:x"}}, "the answer was given at another origin"),
        ({"client": {"crossOrigin": True}}, "the answer was given in a frame"),
        ({"client": {"topOrigin": "https://evil.example"}}, "the answer was given in a frame"),
        ({"client": {"challenge": text(b"another challenge of 32 letters.")}}, "the answer is to another challenge"),
        ({"client": {"challenge": ""}}, "the answer is to another challenge"),
        ({"party": "evil.example"}, "the answer is for another party"),
        ({"party": "example.com"}, "the answer is for another party"),
        ({"flags": UV}, "nobody was there"),
        ({"flags": UP}, "who was there was not verified"),
        ({"flags": UP | UV | BS}, "what cannot be synced is"),
    ],
)
async def test_an_answer_that_is_not_what_was_asked_for_proves_nothing_and_makes_nothing(
    said: dict[str, Any], why: str, logbook: pytest.CaptureFixture[str]
) -> None:
    place = await a_place()
    await place.register()
    for name, value in said.items():
        setattr(place.hers, name, value)
    await refused(place, place.prove(place.passkeys.ask(KEY)), why)
    with pytest.raises(WrongPasskey, match="that passkey was not accepted"):
        await place.make()
    assert why in logbook.readouterr().err


async def test_what_was_made_is_no_proof_and_what_was_proven_makes_nothing() -> None:
    place = await a_place()
    await place.register()
    place.hers.client = {"type": "webauthn.create"}
    await refused(place, place.prove(place.passkeys.ask(KEY)), "the answer is to something else")
    place.hers.client = {"type": "webauthn.get"}
    with pytest.raises(WrongPasskey):
        await place.make()


async def test_row_13_a_challenge_to_prove_makes_nothing_and_the_reverse() -> None:
    place = await a_place()
    await place.register()
    asking = place.passkeys.ask(KEY)
    making = place.passkeys.make(KEY, place.alice, Factors())
    unknown = "there was no such challenge, or it is too old"
    answer = place.hers.prove(replace_challenge(asking.options, making.options))
    await refused(place, place.passkeys.proven(KEY, making.sealed, answer, address=ADDRESS), unknown)
    answer = place.hers.make(replace_challenge(making.options, asking.options))
    with pytest.raises(WrongPasskey):
        await place.passkeys.made(KEY, asking.sealed, answer, "Phone", place.alice)


async def test_a_challenge_is_answered_once_also_if_the_answer_was_wrong() -> None:
    place = await a_place()
    await place.register()
    asking = place.passkeys.ask(KEY)
    answer = place.hers.prove(asking.options)
    await place.prove(asking, answer)
    await refused(place, place.prove(asking, answer), "the challenge was answered before")
    asking = place.passkeys.ask(KEY)
    await refused(place, place.prove(asking, "{}"), "the answer cannot be read")
    await refused(place, place.prove(asking), "the challenge was answered before")


async def test_of_fifty_who_bring_one_answer_at_once_one_is_let_in() -> None:
    place = await a_place(burst=100)
    place.hers.counts = False
    await place.register()
    asking = place.passkeys.ask(KEY)
    answer = place.hers.prove(asking.options)
    said = await asyncio.gather(*(place.prove(asking, answer) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in said) == 1
    assert {type(each) for each in said if isinstance(each, BaseException)} == {WrongPasskey}


async def test_a_challenge_that_makes_a_passkey_is_answered_once() -> None:
    place = await a_place()
    making = place.passkeys.make(KEY, place.alice, Factors())
    answer = place.hers.make(making.options)
    await place.passkeys.made(KEY, making.sealed, answer, "Phone", place.alice)
    with pytest.raises(WrongPasskey):
        await place.passkeys.made(KEY, making.sealed, answer, "Phone", place.alice)


async def test_another_browsers_challenge_is_none() -> None:
    place = await a_place()
    await place.register()
    unknown = "there was no such challenge, or it is too old"
    await refused(place, place.prove(place.passkeys.ask("another browser"), key=KEY), unknown)
    making = place.passkeys.make("another browser", place.alice, Factors())
    with pytest.raises(WrongPasskey):
        await place.passkeys.made(KEY, making.sealed, place.hers.make(making.options), "Phone", place.alice)


@pytest.mark.parametrize("sealed", ["", "x", "A" * 200, "é", "A" * 10_000])
async def test_what_was_never_sealed_opens_nothing(sealed: str) -> None:
    place = await a_place()
    await place.register()
    asking = replace(place.passkeys.ask(KEY), sealed=sealed)
    await refused(place, place.prove(asking), "there was no such challenge, or it is too old")


async def test_a_challenge_grows_old() -> None:
    place = await a_place()
    await place.register()
    asking, factors = place.passkeys.ask(KEY), await place.desk.store.factors(place.alice.id)
    place.desk.clock.advance(SIGN_IN_LIFETIME - 1)
    await place.prove(asking)
    too_old = "there was no such challenge, or it is too old"
    asking = place.passkeys.ask(KEY)
    place.desk.clock.advance(SIGN_IN_LIFETIME)
    await refused(place, place.prove(asking), too_old)
    asking, making = place.passkeys.ask(KEY, factors), place.passkeys.make(KEY, place.alice, factors)
    place.desk.clock.advance(LIFETIME)
    await refused(place, place.prove(asking, only=place.alice), too_old, "alice")
    with pytest.raises(WrongPasskey):
        await place.passkeys.made(KEY, making.sealed, place.hers.make(making.options), "Phone", place.alice)


async def test_a_count_that_does_not_rise_tells_of_a_copy() -> None:
    place = await a_place()
    await place.register()
    [hers] = place.hers.credentials
    copy = Credential(hers.id, hers.key, hers.handle, hers.count)
    await place.prove(place.passkeys.ask(KEY))
    did_not = "the passkey's count did not rise"
    await refused(place, place.prove(place.passkeys.ask(KEY), credential=copy), did_not, "alice")
    place.hers.counts = False
    hers.count = 0
    await refused(place, place.prove(place.passkeys.ask(KEY)), did_not, "alice")
    place.hers.counts = True
    hers.count = 2
    await place.prove(place.passkeys.ask(KEY))


async def test_of_two_with_one_count_at_the_same_time_one_is_let_in() -> None:
    class Slow(MemoryStore):
        async def spend(self, digest: bytes, until: int) -> bool:
            return True

    class Behind(Slow):
        """Another process uses the passkey between being read and being noted."""

        def __init__(self) -> None:
            super().__init__()
            note = self.use_passkey

            async def used(passkey: Passkey, sign_count: int, synced: bool, at: int) -> bool:
                await note(passkey, sign_count, synced, at)
                return await note(passkey, sign_count, synced, at)

            self.use_passkey = used

    place = await a_place(Behind())
    await place.register()
    at_once = "the passkey was used elsewhere at the same time"
    await refused(place, place.prove(place.passkeys.ask(KEY)), at_once, "alice")


async def test_a_signature_that_was_tampered_with_or_is_over_something_else_is_none() -> None:
    place = await a_place()
    await place.register()
    for alter in (_flipped, _of_other_data, _by_another_key):
        asking = place.passkeys.ask(KEY)
        answer = alter(place, json.loads(place.hers.prove(asking.options)))
        await refused(place, place.prove(asking, json.dumps(answer)), "the signature is wrong", "alice")


async def test_a_passkey_that_nobody_knows_is_nobodys() -> None:
    place = await a_place()
    await place.make()
    await refused(place, place.prove(place.passkeys.ask(KEY)), "there is no such passkey")


async def test_a_passkey_that_was_taken_away_opens_nothing_any_more() -> None:
    place = await a_place()
    made = await place.register()
    asking = place.passkeys.ask(KEY)
    act = Act(place.desk.entropy.row_id(), NOON, "user:alice", "passkey.remove", "alice")
    await place.desk.store.remove_passkey(place.alice.id, made.id, act)
    await refused(place, place.prove(asking), "there is no such passkey")


async def test_somebody_elses_passkey_is_no_second_step() -> None:
    place = await a_place()
    await place.register()
    bob = await place.desk.add("bob")
    await place.register(bob)
    asking = place.passkeys.ask(KEY, await place.desk.store.factors(place.alice.id))
    await refused(place, place.prove(asking, only=place.alice), "the passkey is somebody else's", "alice")


async def test_a_challenge_for_one_person_is_for_no_other_and_none_for_a_second_step_lets_anybody_in() -> None:
    place = await a_place()
    bob = await place.desk.add("bob")
    await place.register(bob)
    bobs = await place.desk.store.factors(bob.id)
    another = "the challenge was for somebody else"
    await refused(place, place.prove(place.passkeys.ask(KEY, bobs), only=place.alice), another, "alice")
    await refused(place, place.prove(place.passkeys.ask(KEY), only=bob), another, "bob")
    place.hers.flags = UP
    await refused(place, place.prove(place.passkeys.ask(KEY, bobs)), another)


async def test_a_challenge_to_make_one_is_for_nobody_else() -> None:
    place = await a_place()
    bob = await place.desk.add("bob")
    making = place.passkeys.make(KEY, place.alice, Factors())
    with pytest.raises(WrongPasskey):
        await place.passkeys.made(KEY, making.sealed, place.hers.make(making.options), "Phone", bob)


async def test_an_answer_that_says_another_person_or_none_at_all_is_not_theirs() -> None:
    place = await a_place()
    bob = await place.desk.add("bob")
    await place.register()
    theirs = Vault(bytes(32)).handles.of(bob)
    another = "the answer says another person"
    await refused(place, place.prove(place.passkeys.ask(KEY), userHandle=text(theirs)), another, "alice")
    await refused(place, place.prove(place.passkeys.ask(KEY), userHandle=text(theirs[:8])), another, "alice")
    does_not = "the answer does not say who"
    await refused(place, place.prove(place.passkeys.ask(KEY), userHandle=None), does_not, "alice")
    await refused(place, place.prove(place.passkeys.ask(KEY), userHandle=""), does_not, "alice")
    asking = place.passkeys.ask(KEY, await place.desk.store.factors(place.alice.id))
    await refused(place, place.prove(asking, only=place.alice, userHandle=text(theirs)), another, "alice")


async def test_row_54_a_disabled_account_hears_what_everybody_hears() -> None:
    place = await a_place()
    await place.register()
    await place.desk.accounts.edit("alice", enabled=False, actor="cli:test")
    await refused(place, place.prove(place.passkeys.ask(KEY)), "the account is disabled", "alice")


async def test_a_removed_accounts_passkey_is_gone_with_it_and_a_later_account_of_that_name_has_none() -> None:
    place = await a_place()
    await place.register()
    await place.desk.accounts.remove("alice", actor="cli:test")
    later = await place.desk.add("alice")
    await refused(place, place.prove(place.passkeys.ask(KEY)), "there is no such passkey")
    assert (await place.desk.store.factors(later.id)).passkeys == ()


async def test_row_52_too_many_wrong_answers_are_refused_unseen_by_address() -> None:
    place = await a_place(burst=3)
    await place.register()
    for _ in range(3):
        await refused(place, place.prove(place.passkeys.ask(KEY), "{}"), "the answer cannot be read")
    with pytest.raises(TooMany):
        await place.prove(place.passkeys.ask(KEY))
    assert (await place.refusals())[0] == ("unknown", "too many attempts failed")
    asking = place.passkeys.ask(KEY)
    answer = place.hers.prove(asking.options)
    user, _ = await place.passkeys.proven(KEY, asking.sealed, answer, address="198.51.100.9")
    assert user.name == "alice"


async def test_row_52_what_is_right_counts_for_nothing() -> None:
    place = await a_place(burst=3)
    await place.register()
    for _ in range(10):
        await place.prove(place.passkeys.ask(KEY))


async def test_row_52_passwords_and_passkeys_are_guessed_in_one_bucket() -> None:
    place = await a_place(burst=3)
    await place.register()
    for _ in range(3):
        await refused(place, place.prove(place.passkeys.ask(KEY), "{}"), "the answer cannot be read")
    with pytest.raises(TooMany):
        await place.desk.sign_in()


DEEP: Final = "[" * 5_000
CBOR_DEEP: Final = b"\x81" * 5_000


def _with(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    def altered(answer: dict[str, Any]) -> object:
        answer["response"][name] = value
        return answer

    return altered


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    def altered(answer: dict[str, Any]) -> object:
        del answer["response"][name]
        return answer

    return altered


@pytest.mark.parametrize(
    "alter",
    [
        lambda _: "",
        lambda _: "x",
        lambda _: None,
        lambda _: [],
        lambda _: {},
        lambda answer: {**answer, "response": {}},
        lambda answer: {**answer, "response": "x"},
        lambda answer: {**answer, "rawId": 7},
        lambda answer: {**answer, "rawId": ""},
        lambda answer: {**answer, "rawId": "!"},
        lambda answer: {**answer, "rawId": "ab+/"},
        lambda answer: {**answer, "rawId": "abc="},
        lambda answer: {**answer, "rawId": "A" * 1_366},
        lambda answer: {**answer, "type": "password"},
        lambda answer: {**answer, "padding": "A" * LARGEST_ANSWER},
        lambda answer: {**answer, "more": json.loads("[" * 100 + "]" * 100)},
        _without("clientDataJSON"),
        _without("authenticatorData"),
        _without("signature"),
        _with("clientDataJSON", text(b"")),
        _with("clientDataJSON", text(b"{}")),
        _with("clientDataJSON", text(b"\xff\xfe")),
        _with("clientDataJSON", text(DEEP.encode())),
        _with("clientDataJSON", text(b'{"type": 1, "challenge": 2, "origin": 3}')),
        _with("authenticatorData", text(b"")),
        _with("authenticatorData", text(bytes(36))),
        _with("authenticatorData", text(bytes(38))),
        _with("authenticatorData", text(bytes(32) + bytes([UP | UV | AT]) + bytes(4))),
        _with("authenticatorData", text(bytes(32) + bytes([UP | UV | 0x80]) + bytes(4) + CBOR_DEEP)),
        _with("authenticatorData", text(bytes(32) + bytes([UP | UV | 0x80]) + bytes(4) + b"\xbb" + b"\xff" * 8)),
        _with("signature", "not base64url!"),
        _with("signature", 1),
        _with("userHandle", 1),
    ],
)
async def test_row_32_an_answer_that_cannot_be_read_is_refused_like_any_other(
    alter: Callable[[dict[str, Any]], object],
) -> None:
    """Neither does base64 stand for base64url, nor is it padded (RFC 4648 §5)."""
    place = await a_place()
    await place.register()
    asking = place.passkeys.ask(KEY)
    altered = alter(json.loads(place.hers.prove(asking.options)))
    if isinstance(altered, dict) and "more" in altered:
        altered["rawId"] = None  # what is not looked at hurts nobody; what is has to be there
    await refused(place, place.prove(asking, json.dumps(altered)), "the answer cannot be read")


async def test_row_32_nor_is_json_without_end() -> None:
    place = await a_place()
    for answer in (DEEP, '{"a":' * 3_000, "\ud800", "null", "1e999"):
        await refused(place, place.prove(place.passkeys.ask(KEY), answer), "the answer cannot be read")


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65_537, 1_024),
        rsa.generate_private_key(3, 2_048),
    ],
    ids=["P-384", "RSA of 1024 bits", "exponent of 3"],
)
async def test_a_key_of_another_kind_is_not_kept(key: Any) -> None:
    place = await a_place()
    with pytest.raises(WrongPasskey):
        await place.make(key=key)


@pytest.mark.parametrize(
    "key",
    [
        {},
        {3: -7},
        {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)},
        {1: 2, 3: -7, -1: 1, -2: b"\1" + bytes(32), -3: bytes(32)},
        {1: 2, 3: -8, -1: 6, -2: bytes(32)},
        {1: 1, 3: -8, -1: 6, -2: bytes(31)},
        {1: 3, 3: -65_535, -1: bytes(256), -2: b"\1\0\1"},
        {1: 3, 3: -257, -1: bytes(256), -2: b"\1\0\1"},
        {1: 2, 3: -7, -1: 1, -2: "x", -3: "y"},
        P256 | {-2: b"\0" + P256[-2]},
        P256 | {-3: b"\0" + P256[-3]},
        P256 | {1: 1},
        P256 | {3: -9},
        P256 | {-1: 2},
        cose(RSA) | {1: 2},
        cose(RSA) | {3: -65_535},
        cose(RSA) | {3: -37},
    ],
)
async def test_row_32_what_is_no_key_is_not_kept(key: dict[int, Any]) -> None:
    """RFC 9053 §7.1.1, §7.2; RFC 8230 §4: members of another kind or size, or another algorithm than the key's own."""
    place = await a_place()
    making = place.passkeys.make(KEY, place.alice, Factors())
    data = bytes(16) + (4).to_bytes(2) + b"abcd" + cbor(key)
    answer = json.loads(place.hers.make(making.options, id=b"abcd"))
    party = plain(json.loads(place.hers.make(making.options))["response"]["attestationObject"])
    start = party.index(b"authData") + 8
    head = party[start + 2 : start + 2 + 37]
    whole = cbor({"fmt": "none", "attStmt": {}, "authData": head + data})
    answer["response"]["attestationObject"] = text(whole)
    with pytest.raises(WrongPasskey):
        await place.passkeys.made(KEY, making.sealed, json.dumps(answer), "Phone", place.alice)


async def test_a_credential_id_of_1023_bytes_is_kept_and_a_longer_one_is_not() -> None:
    """§4, "credential id"."""
    place = await a_place()
    assert len((await place.make(id=bytes([7]) * 1_023)).credential_id) == 1_023
    with pytest.raises(WrongPasskey):
        await place.make(id=bytes([7]) * 1_024)


async def test_the_id_outside_has_to_be_the_one_inside() -> None:
    place = await a_place()
    making = place.passkeys.make(KEY, place.alice, Factors())
    answer = json.loads(place.hers.make(making.options))
    answer["rawId"] = text(b"another")
    with pytest.raises(WrongPasskey):
        await place.passkeys.made(KEY, making.sealed, json.dumps(answer), "Phone", place.alice)


async def test_ways_to_reach_it_are_kept_as_far_as_they_look_like_any() -> None:
    place = await a_place()
    made = await place.make(
        transports=["usb", "<script>", "usb", "smart-card", "x" * 40, *(f"way-{each}" for each in "abcdefghi")]
    )
    assert made.transports[:2] == ("usb", "smart-card")
    assert len(made.transports) <= 8
    assert (await place.make(transports=None)).transports == ()


def replace_challenge(options: str, other: str) -> str:
    return json.dumps({**json.loads(options), "challenge": json.loads(other)["challenge"]})


def _flipped(place: Place, answer: dict[str, Any]) -> dict[str, Any]:
    signature = bytearray(plain(answer["response"]["signature"]))
    signature[-1] ^= 1
    answer["response"]["signature"] = text(bytes(signature))
    return answer


def _of_other_data(place: Place, answer: dict[str, Any]) -> dict[str, Any]:
    data = bytearray(plain(answer["response"]["authenticatorData"]))
    data[-1] += 1
    answer["response"]["authenticatorData"] = text(bytes(data))
    return answer


def _by_another_key(place: Place, answer: dict[str, Any]) -> dict[str, Any]:
    options = json.dumps(
        {"challenge": json.loads(plain(answer["response"]["clientDataJSON"]))["challenge"], "rpId": "auth.example.com"}
    )
    [hers] = place.hers.credentials
    other = Credential(hers.id, ec.generate_private_key(ec.SECP256R1()), hers.handle, hers.count)
    forged: dict[str, Any] = json.loads(place.hers.prove(options, other))
    return forged
