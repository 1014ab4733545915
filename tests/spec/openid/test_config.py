"""The plan `config` of the suite: what discovery says, and that it can be so."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from joserfc.jwk import KeySet

from tests.asking import ask
from tests.building import built
from tests.spec.openid.metadata import DISCOVERY, members
from tests.spec.openid.suite import ISSUER

PRIVATE: Final = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


async def test_discovery_says_what_there_is_and_nothing_that_there_cannot_be(tmp_path: Path) -> None:
    """oidcc-discovery-endpoint-verification: every member, every endpoint by https, and the keys (Discovery §3, §4)."""
    async with built(tmp_path, {"SCOPEKEEPER_ISSUER": ISSUER}) as house:
        answer = await ask(house.front, "GET", DISCOVERY)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        found = answer.json()
        members(found)
        assert found["issuer"] == ISSUER
        assert not urlsplit(found["issuer"]).query
        assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= found.keys()
        assert "code" in found["response_types_supported"]
        assert {"authorization_code", "refresh_token"} <= set(found["grant_types_supported"])
        assert set(found["subject_types_supported"]) <= {"public", "pairwise"}
        assert "RS256" in found["id_token_signing_alg_values_supported"]
        assert {"client_secret_basic", "client_secret_post"} <= set(found["token_endpoint_auth_methods_supported"])
        assert "openid" in found["scopes_supported"]
        assert all(re.fullmatch(r"[\x21\x23-\x5B\x5D-\x7E]+", scope) for scope in found["scopes_supported"])
        # A language in lower case, a script with its first letter large, a region in capitals (RFC 5646 §2.1.1).
        tag = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"
        assert all(re.fullmatch(tag, each) for each in found["ui_locales_supported"])
        keys = (await ask(house.front, "GET", found["jwks_uri"].removeprefix(ISSUER))).json()
        assert {key["alg"] for key in keys["keys"]} >= set(found["id_token_signing_alg_values_supported"])
        assert len({key["kid"] for key in keys["keys"]}) == len(keys["keys"])
        assert all(key["use"] == "sig" and PRIVATE.isdisjoint(key) for key in keys["keys"])
        assert len(KeySet.import_key_set(keys).keys) == len(keys["keys"]), "a library can read every one"
