"""An id_token that comes back as a hint: known again only if it was issued here (OpenID Connect Core §3.1.2.1)."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from scopekeeper.oauth.keys import KeyState
from scopekeeper.services.keys import LONGEST_HINT, Signer
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock, FixedEntropy

ISSUER = "https://id.example.com"
CLAIMS = {"iss": ISSUER, "sub": "0000000000A", "aud": "client", "exp": 1, "iat": 0}
ALGORITHMS = ["ES256", "RS256", "Ed25519"]

EC, ED, RSA = ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519"), RSAKey.generate_key(2048)
KINDS: dict[str, type[ECKey | OKPKey | RSAKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}


def signer(store: MemoryStore, clock: FixedClock | None = None, *, issuer: str = ISSUER) -> Signer:
    return Signer(store, Vault(bytes(32)), clock or FixedClock(), FixedEntropy(), issuer)


def header_of(token: str) -> dict[str, Any]:
    return dict(json.loads(_opened(token.split(".")[0])))


def with_header(token: str, **changes: Any) -> str:
    """The same token under another header; None takes a member away."""
    header = {name: value for name, value in (header_of(token) | changes).items() if value is not None}
    return ".".join([_closed(json.dumps(header, separators=(",", ":")).encode()), *token.split(".")[1:]])


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_what_was_issued_here_is_known_again_long_after_it_expired(alg: str) -> None:
    """RFC 7515 §5.2, by keys whose numbers stand as RFC 7518 §2, §6 has them; RFC 8725 §3.1: by their algorithm."""
    signing = signer(MemoryStore())
    for number in range(50):  # R and S now and then begin with a zero byte
        claims = {**CLAIMS, "nonce": f"ü{number}"}
        assert await signing.verified(await signing.sign(claims, alg, "JWT")) == claims


async def test_after_a_rotation_the_old_key_is_believed_until_it_leaves_the_key_set() -> None:
    store, clock = MemoryStore(), FixedClock()
    signing = signer(store, clock)
    hint = await signing.sign(CLAIMS, "RS256", "JWT")
    await signing.rotate("RS256", "cli:test")
    assert await signing.verified(hint) == CLAIMS
    (retires_at,) = [key.retires_at for key in await store.keys() if key.state is KeyState.RETIRING]
    assert retires_at is not None
    clock.advance(retires_at - clock.now())
    assert await signing.verified(hint) is None


async def test_a_key_that_leaked_is_believed_no_more() -> None:
    signing = signer(MemoryStore())
    hint = await signing.sign(CLAIMS, "RS256", "JWT")
    await signing.rotate("RS256", "cli:test", compromised=True)
    assert await signing.verified(hint) is None


async def test_an_access_token_is_no_id_token() -> None:
    """RFC 8725 §3.11: what was signed under another `typ` is another kind of thing."""
    signing = signer(MemoryStore())
    assert await signing.verified(await signing.sign(CLAIMS, "RS256", "at+jwt")) is None


async def test_what_another_issuer_signed_with_the_same_keys_is_not_ours() -> None:
    store = MemoryStore()
    hint = await signer(store, issuer="https://old.example.com").sign(
        {**CLAIMS, "iss": "https://old.example.com"}, "RS256", "JWT"
    )
    assert await signer(store).verified(hint) is None


async def test_row_33_alg_none_is_nothing() -> None:
    """RFC 8725 §3.2."""
    signing = signer(MemoryStore())
    hint = await signing.sign(CLAIMS, "RS256", "JWT")
    for alg in ("none", "None", "NONE", "nOnE", ""):
        changed = with_header(hint, alg=alg)
        assert await signing.verified(changed) is None
        assert await signing.verified(changed.rpartition(".")[0] + ".") is None


async def test_row_33_a_public_key_is_no_shared_secret() -> None:
    """RFC 8725 §2.1: HMAC under the text of our public key, in every form that it has."""
    store = MemoryStore()
    signing = signer(store)
    jwks: Any = await signing.jwks()
    for jwk in jwks["keys"]:
        public = KINDS[jwk["kty"]].import_key(jwk)
        for secret in (public.as_pem(), public.as_der(), json.dumps(jwk).encode()):
            for alg in ("HS256", jwk["alg"]):
                header = {"alg": alg, "typ": "JWT", "kid": jwk["kid"]}
                text = ".".join(_closed(json.dumps(part, separators=(",", ":")).encode()) for part in (header, CLAIMS))
                forged = f"{text}.{_closed(hmac.digest(secret, text.encode(), 'sha256'))}"
                assert await signing.verified(forged) is None


@pytest.mark.parametrize(("alg", "key"), [("ES256", EC), ("RS256", RSA), ("Ed25519", ED)])
async def test_row_33_a_key_that_the_token_brings_along_is_not_looked_at(
    alg: str, key: ECKey | OKPKey | RSAKey
) -> None:
    """RFC 8725 §3.5, §3.10: `jwk`, `jku`, `x5u` and whatever else the header says of itself."""
    signing = signer(MemoryStore())
    kid = header_of(await signing.sign(CLAIMS, alg, "JWT"))["kid"]
    for more in ({}, {"jwk": key.as_dict(private=False)}, {"jku": "https://evil.example/jwks"}):
        header = {"alg": alg, "typ": "JWT", "kid": kid, **more}
        assert await signing.verified(jwt.encode(header, CLAIMS, key, algorithms=[alg])) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"zip": "DEF"}, {"cty": "JWT"},
        {"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example/x"}, {"kid": "other"}, {"kid": None},
        {"kid": "../../dev/null"}, {"typ": "at+jwt"}, {"typ": None}, {"alg": None}, {"alg": "PS256"}, {"alg": 7},
    ],
)  # fmt: skip
async def test_row_33_any_other_header_than_ours_is_not_ours(changes: dict[str, Any]) -> None:
    """RFC 7515 §4.1.11: also an unknown `crit`, which MUST be refused."""
    signing = signer(MemoryStore())
    assert await signing.verified(with_header(await signing.sign(CLAIMS, "RS256", "JWT"), **changes)) is None


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_row_33_a_signature_holds_for_what_was_signed_alone(alg: str) -> None:
    signing = signer(MemoryStore())
    hint = await signing.sign(CLAIMS, alg, "JWT")
    head, payload, signature = hint.split(".")
    other = _closed(json.dumps({**CLAIMS, "sub": "somebody else"}).encode())
    flipped = bytearray(_opened(signature))
    flipped[0] ^= 1
    for forged in (
        f"{head}.{other}.{signature}",
        f"{head}.{payload}.{_closed(bytes(flipped))}",
        f"{head}.{payload}.{_closed(bytes(len(flipped)))}",
        f"{head}.{payload}.{_closed(_opened(signature) + b'x')}",
        f"{head}.{payload}.{_closed(_opened(signature)[:-1])}",
        f"{head}.{payload}.{signature[:9]}!{signature[9:]}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{hint}.{signature}",
    ):
        assert await signing.verified(forged) is None, forged


@pytest.mark.parametrize(
    "garbage", ["", ".", "..", "...", "a.b.c", "é.é.é", "\ud800.x.y", "null", "{}", "e30.e30.e30", "e30.e30.a", "=.=.="]
)
async def test_row_33_36_garbage_is_nothing_and_breaks_nothing(garbage: str) -> None:
    signing = signer(MemoryStore())
    head = (await signing.sign(CLAIMS, "RS256", "JWT")).split(".")[0]
    for text in (garbage, f"{head}.{garbage}", f"{head}{garbage}"):
        assert await signing.verified(text) is None


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_row_33_another_of_our_keys_does_not_vouch_for_it(alg: str) -> None:
    """RFC 8725 §3.1: a key goes with one algorithm, and a header with one key."""
    signing = signer(MemoryStore())
    hints = {each: await signing.sign(CLAIMS, each, "JWT") for each in ALGORITHMS}
    for other in ALGORITHMS:
        crossed = f"{hints[other].partition('.')[0]}.{hints[alg].partition('.')[2]}"
        assert (await signing.verified(crossed) == CLAIMS) is (other == alg)


async def test_row_33_ed25519_goes_by_its_own_name_alone() -> None:
    """RFC 9864 §4.1.2: the polymorphic EdDSA is deprecated; what bears that name is not ours."""
    signing = signer(MemoryStore())
    hint = await signing.sign(CLAIMS, "Ed25519", "JWT")
    assert header_of(hint)["alg"] == "Ed25519"
    assert await signing.verified(with_header(hint, alg="EdDSA")) is None


async def test_row_36_what_is_out_of_all_measure_is_not_looked_at() -> None:
    signing = signer(MemoryStore())
    hint = await signing.sign({**CLAIMS, "nonce": "x" * LONGEST_HINT}, "RS256", "JWT")
    assert await signing.verified(hint) is None
    assert await signing.verified("." * 1_000_000) is None


def _opened(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def _closed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
