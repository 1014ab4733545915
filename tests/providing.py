"""Another OpenID provider, in this process: what it says is what a test has it say. It signs with keys of its own."""

import json
import warnings
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.relying.id_token import at_hash_of
from scopekeeper.services.outbound import Fetched, NotFetched
from tests.fixtures import FixedClock

ISSUER: Final = "https://id.example.com"
CLIENT_ID: Final = "scopekeeper-at-theirs"
SECRET: Final = "s3cret: with/every%thing"
SUBJECT: Final = "248289761001"
ACCESS_TOKEN: Final = "theirs-at"

Key = ECKey | RSAKey | OKPKey | OctKey

KEYS: Final[Mapping[str, Key]] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"}),
}


def signed(claims: Mapping[str, object], key: Key, alg: str, **header: object) -> str:
    """A JWT with these claims, under this header."""
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    head = {"alg": alg, "kid": key.kid, "typ": "JWT"} | header
    kept = {name: value for name, value in head.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jws.serialize_compact(kept, json.dumps(claims).encode(), key, registry=registry)


@dataclass(slots=True)
class Asked:
    """What somebody was sent there with, and what is told for the code that they were given."""

    parameters: dict[str, str]
    claims: dict[str, Any]


@dataclass(slots=True)
class TheirProvider:
    """A provider, and the way to it."""

    clock: FixedClock
    issuer: str = ISSUER
    alg: str = "RS256"
    secret: str | None = SECRET
    metadata: dict[str, Any] = field(default_factory=dict)
    """What its metadata say besides, or otherwise; None: it is not there."""
    published: tuple[Key, ...] = tuple(KEYS.values())
    header: dict[str, object] = field(default_factory=dict)
    """What the header of its id_tokens says otherwise."""
    tokens: dict[str, object] = field(default_factory=dict)
    """What its token endpoint says besides, or otherwise."""
    userinfo: dict[str, object] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    """Addresses (or the last part of them) at which nobody answers."""
    asked: list[str] = field(default_factory=list)
    """Every address that was asked."""
    codes: dict[str, Asked] = field(default_factory=dict)
    proofs: list[str] = field(default_factory=list)
    """How we proved who we are at its token endpoint."""

    def says(self) -> dict[str, Any]:
        """Its metadata."""
        whole = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "Ed25519"],
            "authorization_response_iss_parameter_supported": True,
        } | self.metadata
        return {name: value for name, value in whole.items() if value is not None}

    def sign_in(self, url: str, subject: str = SUBJECT, **claims: object) -> dict[str, str]:
        """Somebody who was sent there signs in; with which parameters they come back."""
        parameters = {name: value for name, [value] in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
        code = f"code-{len(self.codes)}"
        now = self.clock.now()
        told = {
            "iss": self.issuer,
            "sub": subject,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": parameters["nonce"],
            "auth_time": now,
        } | claims
        self.codes[code] = Asked(parameters, {name: value for name, value in told.items() if value is not None})
        return {"code": code, "state": parameters["state"], "iss": self.issuer}

    async def get(self, url: str, *, accept: str, authorization: str | None = None) -> Fetched:
        what = self._reached(url)
        if what == "userinfo":
            assert authorization == f"Bearer {ACCESS_TOKEN}"
            return self._answered(self.userinfo)
        if what == "jwks":
            return self._answered({"keys": [key.as_dict(private=False) for key in self.published]})
        assert url == f"{self.issuer}/.well-known/openid-configuration", url
        return self._answered(self.says())

    async def post(self, url: str, form: Mapping[str, str], *, authorization: str | None = None) -> Fetched:
        assert self._reached(url) == "token"
        self._require_client(form, authorization)
        asked = self.codes.pop(form["code"], None)
        sound = (
            asked is not None
            and form["grant_type"] == "authorization_code"
            and form["redirect_uri"] == asked.parameters["redirect_uri"]
            and challenge_of(form["code_verifier"]) == asked.parameters["code_challenge"]
        )
        if asked is None or not sound:
            return self._answered({"error": "invalid_grant"}, 400)
        key = KEYS[self.alg]
        told = {"at_hash": at_hash_of(ACCESS_TOKEN, self.alg)} | asked.claims
        id_token = signed(told, key, self.alg, **self.header)
        given = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": id_token} | self.tokens
        return self._answered({name: value for name, value in given.items() if value is not None})

    def _require_client(self, form: Mapping[str, str], authorization: str | None) -> None:
        if authorization is not None:
            client_id, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            assert (unquote(client_id), unquote(secret)) == (CLIENT_ID, self.secret)
            assert "client_id" not in form
            self.proofs.append("client_secret_basic")
        else:
            assert form["client_id"] == CLIENT_ID
            assert form.get("client_secret") == self.secret
            self.proofs.append("none" if self.secret is None else "client_secret_post")

    def _reached(self, url: str) -> str:
        self.asked.append(url)
        what = url.rpartition("/")[2]
        if what in self.away:
            raise NotFetched
        return what

    def _answered(self, what: object, status: int = 200) -> Fetched:
        return Fetched(status, "application/json", json.dumps(what).encode())
