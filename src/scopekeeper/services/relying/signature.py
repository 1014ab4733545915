"""The signature of a provider's id_token (RFC 7515 §5.2), by the one key and algorithm that were chosen before."""

import warnings
from collections.abc import Mapping

import msgspec

from scopekeeper.oauth.relying import Mistrusted
from scopekeeper.oauth.relying.id_token import Jwk

_PUBLIC = ("kty", "crv", "n", "e", "x", "y")
"""What a public key is made of (RFC 7518 §6): no private part of theirs is taken in, and no algorithm that it names."""

_claims = msgspec.json.Decoder(dict[str, object])


def verified(id_token: str, key: Jwk, alg: str) -> Mapping[str, object]:
    """The claims, if this key signed them by this algorithm. Raises Mistrusted."""
    from joserfc.errors import JoseError  # 30 ms, which nobody pays who signs nobody in elsewhere
    from joserfc.jwk import import_key
    from joserfc.jws import JWSRegistry, deserialize_compact

    try:
        public = import_key({name: key[name] for name in _PUBLIC if name in key})
        registry = JWSRegistry(algorithms=[alg], strict_check_header=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "EdDSA" is an old name (RFC 9864 §2.2), and no worse for that
            signed = deserialize_compact(id_token, public, registry=registry)
        return _claims.decode(signed.payload or b"")
    except (JoseError, ValueError, TypeError, KeyError, msgspec.DecodeError, RecursionError):
        raise Mistrusted("the id_token is not signed by the provider") from None
