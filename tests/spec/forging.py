"""Tokens that a stranger makes of one that was issued here, and of what everybody knows: our public keys.

Some are signed by our own private key under a header that we never write. Nobody has that key; but what is refused even
so is not refused for its signature alone.
"""

import hmac
import json
import os
import zlib
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jwe, jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

KEYS: Final[Mapping[str, Callable[[], Key]]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "RS256": lambda: RSAKey.generate_key(2048),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
}
KINDS: Final[Mapping[str, type[ECKey | OKPKey | RSAKey]]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
ELSEWHERE: Final = "https://evil.example/keys"

# The order of P-256 (SEC 2 §2.4.2): as R or S, it is no number that can stand there.
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was issued here, the public key that verifies it, and the private one, which nobody has."""

    token: str
    public: Mapping[str, Any]
    private: Key = field(repr=False)

    @property
    def header(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(opened(self.token.split(".")[0]))
        return found

    @property
    def payload(self) -> bytes:
        return opened(self.token.split(".")[1])

    @property
    def alg(self) -> str:
        return str(self.header["alg"])

    def under(self, **changes: Any) -> str:
        """The token as it is, signature included, under another header; None takes a member away."""
        return ".".join([closed(as_json(self.changed(changes))), *self.token.split(".")[1:]])

    def changed(self, changes: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in (self.header | changes).items() if value is not None}

    def signed(self, key: Key | None = None, **changes: Any) -> str:
        """The same claims under another header, whose signature is right: by this key, or by our own."""
        text = f"{closed(as_json(self.changed(changes)))}.{closed(self.payload)}"
        # No library would sign under some of these headers: the signature is made of the text as it stands.
        signature = jws.JWSRegistry(algorithms=[self.alg]).get_alg(self.alg).sign(text.encode(), key or self.private)
        return f"{text}.{closed(signature)}"


Forged = Iterator[tuple[str, str]]
"""What each is, and the token."""


def without_a_signature(issued: Issued) -> Forged:
    """Of the algorithm `none`, however it is written (RFC 7515 appendix A.5)."""
    for alg in ("none", "None", "NONE", "nOnE", "none ", "", None):
        bare = issued.under(alg=alg).rpartition(".")[0]
        yield f"{alg}, nothing", f"{bare}."
        yield f"{alg}, no dot", bare
        yield f"{alg}, the signature", f"{bare}.{issued.token.rpartition('.')[2]}"
    yield "our header, nothing", issued.token.rpartition(".")[0] + "."


def by_the_public_key_as_a_secret(issued: Issued) -> Forged:
    """HMAC under our public key, in each form that it is handed out in."""
    public = KINDS[issued.public["kty"]].import_key(dict(issued.public))
    texts = {
        "PEM": public.as_pem(private=False),
        "PEM without its last line": public.as_pem(private=False).strip(),
        "DER": public.as_der(private=False),
        "JWK": as_json(issued.public),
        "kid": str(issued.public["kid"]).encode(),
        "nothing": b"",
    }
    for name, secret in texts.items():
        for alg, hash in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512"), (issued.alg, "sha256")):
            text = f"{closed(as_json(issued.changed({'alg': alg})))}.{closed(issued.payload)}"
            yield f"{alg} by {name}", f"{text}.{closed(hmac.digest(secret, text.encode(), hash))}"


def by_a_key_that_it_brings_along(issued: Issued) -> Forged:
    """Signed by somebody else, whose key stands in the header, or where the header says."""
    own = KEYS[issued.alg]()
    certificate = b64encode(b"\x30\x82" + os.urandom(300)).decode()
    for more in (
        {}, {"jwk": own.as_dict(private=False)}, {"jwk": own.as_dict(private=True)}, {"jku": ELSEWHERE},
        {"x5u": ELSEWHERE}, {"x5c": [certificate]}, {"x5t": "AAAA"}, {"x5t#S256": "AAAA"},
        {"jwk": own.as_dict(private=False), "kid": own.thumbprint()}, {"jku": ELSEWHERE, "kid": own.thumbprint()},
        {"jku": "file:///etc/passwd"}, {"jku": "http://127.0.0.1:1/"}, {"jku": "https://id.example.com@evil.example/"},
    ):  # fmt: skip
        yield str(sorted(more)), issued.signed(own, **more)


def by_a_key_id_that_is_a_path(issued: Issued) -> Forged:
    """`kid` as what a careless look-up makes of it: a file, a statement, a command (RFC 8725 §3.10)."""
    own = KEYS[issued.alg]()
    for kid in (
        "../../../../dev/null", "/dev/null", "' OR '1'='1", "x' UNION SELECT 'x", "$(id)", "|id", "\x00", "\r\nx: y",
        ELSEWHERE, "", " ", "*", "../" + str(issued.header["kid"]), str(issued.header["kid"]) + "\x00", "😀" * 100,
    ):  # fmt: skip
        yield kid, issued.signed(own, kid=kid)
        yield f"{kid}, by our key", issued.signed(kid=kid)
    for odd in (7, ["a"], {"a": 1}, True):
        yield f"{odd}", issued.under(kid=odd)


def under_a_header_that_we_do_not_write(issued: Issued) -> Forged:
    """By our own key, and yet none of ours: what it asks for, we do not know (RFC 7515 §4.1.11)."""
    odd: list[dict[str, Any]] = [
        {"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}, {"crit": ["b64"], "b64": True}, {"crit": []},
        {"crit": ["alg"]}, {"crit": "exp"}, {"crit": None, "b64": False}, {"crit": ["http://evil.example/x"]},
        {"zip": "DEF"}, {"cty": "JWT"}, {"jku": ELSEWHERE}, {"x5u": ELSEWHERE}, {"jwk": dict(issued.public)},
        {"kid": None}, {"enc": "A128GCM"}, {"iss": "https://id.example.com"}, {"nonce": "x"}, {"typ": None},
    ]  # fmt: skip
    for changes in odd:
        yield str(sorted(changes)), issued.signed(**changes)


def of_another_kind(issued: Issued) -> Forged:
    """By our own key, with the very same claims, under each other `typ` that we or others write (RFC 8725 §3.11)."""
    for typ in (
        "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "userinfo+jwt", "logout+jwt", "dpop+jwt",
        "secevent+jwt", "token-introspection+jwt", "oauth-authz-req+jwt", "client-authentication+jwt", "JOSE", "", None,
    ):  # fmt: skip
        if typ != issued.header["typ"]:
            yield str(typ), issued.signed(typ=typ)


def with_another_signature(issued: Issued) -> Forged:
    """Zeros and other numbers that verify wherever nobody looks whether they may (CVE-2022-21449), and other forms."""
    text, _, encoded = issued.token.rpartition(".")
    genuine = opened(encoded)
    size = len(genuine)
    one, order = (1).to_bytes(32, "big"), _ORDER.to_bytes(32, "big")
    raw = {
        "zeros": bytes(size), "no bytes": b"", "one byte": b"\0", "ones": b"\xff" * size, "r=0": bytes(32) + one,
        "s=0": one + bytes(32), "r=s=1": one + one, "r=s=n": order + order, "r=n, s=1": order + one,
        "cut": genuine[:-1], "longer": genuine + b"\0", "zero in front": b"\0" + genuine, "twice": genuine * 2,
        "turned": genuine[::-1], "DER of zeros": bytes.fromhex("3006020100020100"),
        "DER": bytes.fromhex("3044") + b"\x02\x20" + genuine[:32] + b"\x02\x20" + genuine[32:64],
        "a bit": genuine[:-1] + bytes([genuine[-1] ^ 1]),
    }  # fmt: skip
    for name, signature in raw.items():
        yield name, f"{text}.{closed(signature)}"
    yield "a space", f"{text}. {encoded}"
    yield "a fourth part", f"{issued.token}.{encoded}"


def with_members_twice(issued: Issued) -> Forged:
    """JSON in which a name stands twice: one reader takes the first, another the last (RFC 8725 §2.4)."""
    header, payload = issued.token.split(".")[0], issued.payload.decode()
    signature = issued.token.rpartition(".")[2]
    plain = opened(header).decode()
    for name, text in (
        ("alg none first", '{"alg":"none",' + plain[1:]),
        ("alg none last", plain[:-1] + ',"alg":"none"}'),
        ("kid twice", plain[:-1] + ',"kid":"x"}'),
        ("typ twice", '{"typ":"JWT",' + plain[1:]),
        ("a blank", plain[:1] + " " + plain[1:]),
    ):
        yield name, f"{closed(text.encode())}.{closed(payload.encode())}.{signature}"
    for name, text in (
        ("sub first", '{"sub":"somebody",' + payload[1:]),
        ("sub last", payload[:-1] + ',"sub":"somebody"}'),
        ("aud last", payload[:-1] + ',"aud":"another"}'),
    ):
        yield name, f"{header}.{closed(text.encode())}.{signature}"


def out_of_all_measure(issued: Issued) -> Forged:
    """What is large, deep, or grows when it is read."""
    payload, signature = issued.token.split(".")[1:]
    yield "a long token", "a" * 12_000
    yield "many dots", "." * 12_000
    yield "a long kid", issued.under(kid="x" * 9_000)
    yield "a deep header", f"{closed(b'[' * 6_000)}.{payload}.{signature}"
    yield "a deep payload", f"{issued.token.split('.')[0]}.{closed(b'[' * 6_000)}.{signature}"
    number = closed(b'{"alg":' + b"9" * 6_000 + b"}")
    yield "a long number", f"{number}.{payload}.{signature}"
    packed = closed(zlib.compress(b" " * 8_000_000)[2:-4])
    yield "a bomb", f"{issued.under(zip='DEF').split('.')[0]}.{packed}.{signature}"
    key = OctKey.generate_key(128)
    bomb = jwe.encrypt_compact({"alg": "dir", "enc": "A128GCM", "zip": "DEF"}, b" " * 200_000, key)
    yield "an encrypted bomb", bomb
    slow = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_000_000_000, "p2s": "AAAA"}
    yield "a password that is hashed for ever", ".".join([closed(as_json(slow)), *bomb.split(".")[1:]])
    yield "no JWS at all", bomb
    yield "as JSON", json.dumps({"payload": payload, "signatures": [{"protected": "e30", "signature": signature}]})


FORGERIES: Final[Mapping[str, Callable[[Issued], Forged]]] = {
    each.__name__: each
    for each in (
        without_a_signature,
        by_the_public_key_as_a_secret,
        by_a_key_that_it_brings_along,
        by_a_key_id_that_is_a_path,
        under_a_header_that_we_do_not_write,
        of_another_kind,
        with_another_signature,
        with_members_twice,
        out_of_all_measure,
    )
}


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def opened(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def closed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
