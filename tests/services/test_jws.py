"""What is signed here is verified by other people's code."""

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from scopekeeper.services.jws import pen_of

EC, ED, RSA = ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519"), RSAKey.generate_key(2048)


@pytest.mark.parametrize(("alg", "key"), [("ES256", EC), ("RS256", RSA), ("Ed25519", ED)])
def test_a_signature_is_verified_by_another_library(alg: str, key: ECKey | OKPKey | RSAKey) -> None:
    """RFC 7518 §3.1, §3.3, §3.4; RFC 8037 §2 and RFC 9864 §2.2, Ed25519."""
    pen = pen_of(key.as_pem(private=True), alg=alg, kid="k1", typ="at+jwt")
    for number in range(50):  # R and S now and then begin with a zero byte
        read = jwt.decode(pen.sign({"sub": "ü", "n": number}), key, algorithms=[alg])
        assert read.claims == {"sub": "ü", "n": number}
        assert read.header == {"alg": alg, "typ": "at+jwt", "kid": "k1"}
