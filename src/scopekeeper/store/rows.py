"""How records lie in rows. Columns stand in the order of the records' fields, so a row is read by position."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec

from scopekeeper.oauth.keys import KeyState, SigningKey
from scopekeeper.oauth.people import Link, Purpose, Session, User
from scopekeeper.oauth.records import (
    ApplicationType,
    Client,
    GrantType,
    Outliving,
    Secret,
    SubjectType,
    Token,
    TokenFormat,
)
from scopekeeper.services.lists import Count, Kind, Sum, folded
from scopekeeper.services.ports import Act, Activity
from scopekeeper.store.folding import sought_of_act, sought_of_client, sought_of_user
from scopekeeper.store.tables import acts, applications, users

Row = Sequence[Any]

_FIELDS: Final = tuple(name for name in Client.__slots__ if name != "secrets")
APPLICATION: Final = tuple(applications.c[name] for name in _FIELDS)
"""What an application is read from: what it is looked for by is written, and never read."""

USER: Final = tuple(users.c[name] for name in User.__slots__)
"""What an account is read from."""

ACT: Final = tuple(acts.c[name] for name in Act.__slots__)
"""What an act is read from."""

_WIDTH: Final = len(APPLICATION)
_SECRETS_AT: Final = Client.__slots__.index("secrets")
_FORMATS: Final = {each.value: each for each in TokenFormat}
_to_json: Final = msgspec.json.Encoder().encode
_words_of: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_details_of: Final = msgspec.json.Decoder(dict[str, Any]).decode


@lru_cache(256)
def _grant_types_of(text: str) -> tuple[GrantType, ...]:
    return tuple(map(GrantType, text.split()))


def _names_of(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# An application is read wherever its token comes for the first time: each value by what makes most of its kind at once.
_READERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "type": {each.value: each for each in ApplicationType}.__getitem__,
    "scope": _names_of,
    "grant_types": _grant_types_of,
    "redirect_uris": _words_of,
    "post_logout_redirect_uris": _words_of,
    "enabled": bool,
    "token_format": _FORMATS.__getitem__,
    "pkce_required": bool,
    "trusted": bool,
    "resource_server": bool,
    "subject_type": {each.value: each for each in SubjectType}.__getitem__,
    "outlives_session": {each.value: each for each in Outliving}.__getitem__,
    "default_acr_values": _names_of,
}
_READ_BY: Final = tuple(_READERS.get(name) for name in _FIELDS)


def token_of(row: Row) -> Token:
    """The token of a row of `tokens`."""
    id, digest, client_id, scope, issued_at, expires_at, generation, format, *rest = row
    return Token(
        id, digest, client_id, tuple(scope.split()), issued_at, expires_at, generation, _FORMATS[format], *rest
    )


def token_row(token: Token) -> Row:
    """The row of `tokens`."""
    return (
        token.id,
        token.digest,
        token.client_id,
        " ".join(token.scope),
        token.issued_at,
        token.expires_at,
        token.generation,
        token.format.value,
        token.user,
        token.address,
        token.revoked_at,
        token.last_used_at,
        token.last_used_address,
        token.user_id,
        token.family_id,
    )


def clients_of(rows: Iterable[Row]) -> Iterator[Client]:
    """The applications of rows that carry one secret each, in their order."""
    for _, of_one in groupby(rows, key=itemgetter(0)):
        same = list(of_one)
        secrets = tuple([Secret(*row[_WIDTH:]) for row in same if row[_WIDTH] is not None])
        told: list[Any] = [value if read is None else read(value) for value, read in zip(same[0], _READ_BY)]  # noqa: B905
        told.insert(_SECRETS_AT, secrets)
        yield Client(*told)


def client_row(client: Client) -> Mapping[str, object]:
    """The row of `applications`, by the names of its columns."""
    return {name: getattr(client, name) for name in _FIELDS} | {
        "type": client.type.value,
        "scope": " ".join(client.scope),
        "grant_types": " ".join(each.value for each in client.grant_types),
        "redirect_uris": json_of(client.redirect_uris),
        "post_logout_redirect_uris": json_of(client.post_logout_redirect_uris),
        "token_format": client.token_format.value,
        "subject_type": client.subject_type.value,
        "outlives_session": client.outlives_session.value,
        "default_acr_values": " ".join(client.default_acr_values),
        "name_folded": folded(client.name),
        "sought": sought_of_client(client),
    }


def secret_row(secret: Secret) -> Mapping[str, object]:
    """The row of `secrets`, by the names of its columns."""
    return {name: getattr(secret, name) for name in Secret.__slots__}


def user_of(row: Row) -> User:
    """The account of a row of `USER`."""
    id, name, password, created_at, email, admin, enabled, updated_at, revision, verified, *rest = row
    flags = bool(admin), bool(enabled), updated_at, revision, bool(verified)
    return User(id, name, password, created_at, email, *flags, *rest)


def user_row(user: User) -> Mapping[str, object]:
    """The row of `users`, by the names of its columns."""
    return {name: getattr(user, name) for name in User.__slots__} | {"sought": sought_of_user(user)}


def session_of(row: Row) -> Session:
    """The session of a row of `sessions`, with its person's name."""
    *told, amr = row
    told.append(tuple(amr.split()))
    return Session(*told)


def session_row(session: Session) -> Mapping[str, object]:
    """The row of `sessions`, by the names of its columns."""
    return {name: getattr(session, name) for name in Session.__slots__} | {"amr": " ".join(session.amr)}


def link_of(row: Row) -> Link:
    """The link of a row of `links`."""
    id, digest, purpose, *rest = row
    return Link(id, digest, Purpose(purpose), *rest)


def link_row(link: Link) -> Mapping[str, object]:
    """The row of `links`, by the names of its columns."""
    return {name: getattr(link, name) for name in Link.__slots__} | {"purpose": link.purpose.value}


def key_of(row: Row) -> SigningKey:
    """The signing key of a row of `signing_keys`."""
    _, kid, alg, state, public, wrapped, created_at, retires_at = row
    return SigningKey(kid, alg, KeyState(state), public, wrapped, created_at, retires_at)


def key_row(position: int, key: SigningKey) -> Mapping[str, object]:
    """The row of `signing_keys`, by the names of its columns."""
    told = {name: getattr(key, name) for name in SigningKey.__slots__}
    return told | {"position": position, "state": key.state.value}


def act_of(row: Row) -> Act:
    """The act of a row of `ACT`."""
    id, at, actor, action, target, address, details = row
    return Act(id, at, actor, action, target, address, _details_of(details))


def act_row(act: Act) -> Mapping[str, object]:
    """The row of `acts`, by the names of its columns."""
    details = json_of(act.details)
    told = {name: getattr(act, name) for name in Act.__slots__}
    return told | {"details": details, "sought": sought_of_act(act, details)}


def count_of(row: Row) -> Count:
    """The count of a row of `usage`."""
    client_id, hour, kind, what, times = row
    return Count(client_id, hour, Kind(kind), what, times)


def sum_of(row: Row) -> Sum:
    """The sum of a row of kind, what, times, and the first and the last hour."""
    kind, what, times, *hours = row
    return Sum(Kind(kind), what, int(times), *hours)  # PostgreSQL sums up into a decimal number


def count_row(count: Count) -> Mapping[str, object]:
    """The row of `usage`, by the names of its columns."""
    return {name: getattr(count, name) for name in Count.__slots__} | {"kind": count.kind.value}


def activity_of(told: Row, words: Iterable[Row]) -> Activity:
    """The activity, of its row of numbers and the rows of scopes and addresses."""
    scopes: set[str] = set()
    addresses: set[str] = set()
    for scope, *whence in words:
        scopes.update(scope.split())
        addresses.update(each for each in whence if each is not None)
    issued, live, first, last, used, people, consented = told
    return Activity(issued, live, first, last, used, tuple(sorted(scopes)), tuple(sorted(addresses)), people, consented)


def json_of(value: object) -> str:
    """The value as JSON text."""
    return _to_json(value).decode()
