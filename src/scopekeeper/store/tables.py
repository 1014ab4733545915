"""The one description of the schema, for people who read the database as much as for the program.

Times are whole seconds since the epoch, unless a column's name says milliseconds. Row ids grow with time (41 bits of
milliseconds since 2025, 10 of a process number, 12 of a counter), so that rows are appended at the end of the tree.
Every index costs each insert a page, so there are only those without which a listing or the sweep would read the whole
table.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    false,
    text,
)
from sqlalchemy import Text as PlainText
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

NAMES: Final = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

Number: Final = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits. SQLite knows a row by its key only where that is spelled INTEGER."""

Text: Final = PlainText().with_variant(PlainText(collation="C"), "postgresql")
"""Text in the order of its code points, whatever language the server's own order is of: lists are paged by it."""

schema: Final = MetaData(naming_convention=NAMES)


@compiles(CreateIndex, "postgresql")
def _created_index(element: Any, compiler: Any, **more: Any) -> Any:
    """What is of a part of a table in SQLite is so here: `postgresql_where` would import the dialect for everybody."""
    here = element.element.dialect_options["postgresql"]
    if here["where"] is None:
        here["where"] = element.element.dialect_options["sqlite"]["where"]
    return compiler.visit_create_index(element, **more)


def _amr() -> Column[str]:
    """How somebody proved who they are."""
    return Column("amr", Text, nullable=False, server_default="pwd", comment="by which methods (RFC 8176)")


applications: Final = Table(
    "applications",
    schema,
    Column("client_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False, comment="the ceiling: scopes between spaces"),
    Column("grant_types", Text, nullable=False, comment="between spaces"),
    Column("created_at", Number, nullable=False),
    Column("redirect_uris", Text, nullable=False, comment="a JSON array"),
    Column("post_logout_redirect_uris", Text, nullable=False, comment="a JSON array"),
    Column("backchannel_logout_uri", Text),
    Column("description", Text, nullable=False),
    Column("website", Text),
    Column("owner", Text),
    Column("enabled", Boolean, nullable=False),
    Column("generation", Number, nullable=False, comment="tokens of another generation are dead"),
    Column("token_format", Text, nullable=False),
    Column("signing_alg", Text, nullable=False),
    Column("access_token_lifetime", Number, comment="seconds; empty takes the server's"),
    Column("pkce_required", Boolean, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("resource_server", Boolean, nullable=False),
    Column("updated_at", Number, nullable=False),
    Column("revision", Number, nullable=False),
    Column("code_lifetime", Number, comment="seconds; empty takes the server's"),
    Column("last_used_at", Number, comment="when a token of it called, or was asked for; no edit sets it back"),
    Column("name_folded", Text, nullable=False, server_default="", comment="the name in any case: its place in lists"),
    Column("sought", Text, nullable=False, server_default="", comment="what is looked for in, folded"),
    Column("id_token_signed_response_alg", Text, nullable=False, server_default="RS256"),
    Column("userinfo_signed_response_alg", Text, comment="empty: not signed"),
    Column("subject_type", Text, nullable=False, server_default="public"),
    Column("sector_identifier_uri", Text, comment="whose host subjects are made of; empty: that of the redirect URIs"),
    Column("frontchannel_logout_uri", Text),
    Column(
        "outlives_session",
        Text,
        nullable=False,
        server_default="offline_access",
        comment="which grants: never, offline_access, always",
    ),
    Column("default_max_age", Number, comment="seconds; empty: any"),
    Column("default_acr_values", Text, nullable=False, server_default="", comment="between spaces, the best first"),
    Column("required_acr", Text, comment="how well whoever signs in for it has to have proven who they are"),
)

Index("ix_applications_name_folded", applications.c.name_folded, applications.c.client_id)
Index("ix_applications_created_at", applications.c.created_at, applications.c.client_id)

# Those that somebody owns: each account's page asks whether there are any, and who goes leaves them to nobody.
Index(
    "ix_applications_owner",
    applications.c.owner,
    sqlite_where=applications.c.owner.is_not(None),
)

origins: Final = Table(
    "origins",
    schema,
    Column("origin", Text, primary_key=True),
    Column("client_id", Text, ForeignKey(applications.c.client_id, ondelete="CASCADE"), primary_key=True, index=True),
    comment="from which web pages single-page applications may call: the origins of their redirect URIs",
)

forgotten: Final = Table(
    "forgotten",
    schema,
    Column("client_id", Text, primary_key=True),
    comment="removed applications whose tokens still wait to be swept",
)

secrets: Final = Table(
    "secrets",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("client_id", Text, ForeignKey(applications.c.client_id, ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the secret, which is nowhere"),
    Column("last_four", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Number),
    Column("last_used_at", Number),
    Column("last_used_address", Text),
)

# Those that end, which few do: the sweep finds them.
Index(
    "ix_secrets_expires_at",
    secrets.c.expires_at,
    sqlite_where=secrets.c.expires_at.is_not(None),
)

tokens: Final = Table(
    "tokens",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the token; empty for a JWT"),
    Column("client_id", Text, nullable=False, index=True),
    Column("scope", Text, nullable=False, comment="scopes between spaces"),
    Column("issued_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False, index=True),
    Column("generation", Number, nullable=False, comment="its application's when it was issued"),
    Column("format", Text, nullable=False),
    Column("user", Text, comment="in whose name it acts; empty: the application's own"),
    Column("address", Text),
    Column("revoked_at", Number),
    Column("last_used_at", Number),
    Column("last_used_address", Text),
    Column("user_id", Number, comment="that person's subject"),
    Column("family_id", Number, comment="the grant that it came of: dead or gone, the token is dead"),
)

# Tokens that act for nobody, which are most of them, pay nothing for this one.
Index(
    "ix_tokens_user",
    tokens.c.user,
    sqlite_where=tokens.c.user.is_not(None),
)

users: Final = Table(
    "users",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False, comment="the subject: no later account bears it"),
    Column("name", Text, nullable=False, unique=True, comment="folded to lower case"),
    Column("password", Text, comment="argon2id, in its own notation; empty until one is chosen"),
    Column("created_at", Number, nullable=False),
    Column("email", Text),
    Column("admin", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", Number, nullable=False),
    Column("revision", Number, nullable=False),
    Column("sought", Text, nullable=False, server_default="", comment="what is looked for in, folded"),
    Column("email_verified", Boolean, nullable=False, server_default=false(), comment="as who keeps it vouches"),
    Column("full_name", Text),
    Column("given_name", Text),
    Column("family_name", Text),
    Column("phone_number", Text),
    Column("address", Text, comment="the postal address, in lines"),
    Column("locale", Text),
    Column("zoneinfo", Text),
    Column("external_id", Text, comment="what those call it who keep it from elsewhere"),
)

Index(
    "ix_users_external_id",
    users.c.external_id,
    unique=True,
    sqlite_where=users.c.external_id.is_not(None),
)

passkeys: Final = Table(
    "passkeys",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("credential_id", LargeBinary, nullable=False, unique=True, comment="the authenticator's own name for it"),
    Column("public_key", LargeBinary, nullable=False, comment="a COSE_Key, in CBOR"),
    Column("sign_count", Number, nullable=False, comment="the authenticator's own; 0 where it keeps none"),
    Column("name", Text, nullable=False, comment="what its person calls it"),
    Column("created_at", Number, nullable=False),
    Column("last_used_at", Number),
    Column("synced", Boolean, nullable=False, comment="is it on other devices, too?"),
    Column("transports", Text, nullable=False, comment="how it is reached, between spaces"),
    comment="credentials of authenticators (Web Authentication)",
)

totps: Final = Table(
    "totps",
    schema,
    Column("user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False, comment="the shared secret, under the master key"),
    Column("created_at", Number, nullable=False),
    Column("last_step", Number, nullable=False, comment="the latest time step of which a code was taken"),
    Column("last_used_at", Number),
    comment="one-time codes by time (RFC 6238)",
)

recovery_codes: Final = Table(
    "recovery_codes",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the code, which is nowhere"),
    Column("created_at", Number, nullable=False),
    Column("used_at", Number),
    comment="codes that stand in for a lost factor, once each",
)

upstreams: Final = Table(
    "upstreams",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True, comment="in addresses; it never changes"),
    Column("label", Text, nullable=False, comment="what stands on its button"),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False, comment="who we are there"),
    Column("created_at", Number, nullable=False),
    Column("sealed", LargeBinary, comment="our secret there, under the master key; empty: a public client"),
    Column("scope", Text, nullable=False, comment="scopes between spaces"),
    Column("link_by_email", Boolean, nullable=False, comment="are newcomers known by their verified address?"),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", Number, nullable=False),
    Column("revision", Number, nullable=False),
    comment="other OpenID providers at which people may sign in",
)

identities: Final = Table(
    "identities",
    schema,
    Column(
        "upstream_id", Number, ForeignKey(upstreams.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("subject", Text, primary_key=True, comment="the provider's own name for somebody"),
    Column("user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Number, nullable=False),
    Column("email", Text, comment="as the provider told it"),
    Column("last_used_at", Number),
    comment="whom of ours other providers know",
    sqlite_with_rowid=False,
)

sessions: Final = Table(
    "sessions",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the cookie's value, which is nowhere"),
    Column("user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("signed_in_at", Number, nullable=False, index=True),
    Column("last_seen_at", Number, nullable=False),
    Column("address", Text),
    Column("agent", Text, nullable=False, comment="the browser, in its own words"),
    Column("wrong_codes", Number, nullable=False, server_default=text("0"), comment="user codes that were none"),
    _amr(),
    comment="the stays of people who are signed in",
)

farewells: Final = Table(
    "farewells",
    schema,
    Column("client_id", Text, primary_key=True),
    Column("session_id", Number, primary_key=True, autoincrement=False, comment="the one that has ended"),
    Column("user_id", Number, nullable=False, comment="whose it was; the account may be gone"),
    Column("ended_at", Number, nullable=False),
    Column("due_at", Number, nullable=False, index=True, comment="when it is to be told, or told again"),
    Column("tries", Number, nullable=False),
    comment="applications that are yet to hear of the end of a session; swept by application where that is removed",
    sqlite_with_rowid=False,
)

links: Final = Table(
    "links",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the link's secret, which is nowhere"),
    Column("purpose", Text, nullable=False),
    Column("user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), index=True, comment="empty: nobody yet"),
    Column("created_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    comment="single-use links: to set a password, to make the first administrator",
)

consents: Final = Table(
    "consents",
    schema,
    Column("user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("client_id", Text, primary_key=True, index=True),
    Column("generation", Number, nullable=False, comment="its application's when it was given"),
    Column("scope", Text, nullable=False, comment="scopes between spaces"),
    Column("granted_at", Number, nullable=False),
    Column("updated_at", Number, nullable=False),
    Column("claims", Text, nullable=False, server_default="", comment="those allowed one by one, between spaces"),
    comment="what people allow applications, remembered",
)

codes: Final = Table(
    "codes",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the code, which is nowhere"),
    Column("client_id", Text, nullable=False),
    Column("generation", Number, nullable=False),
    Column("user_id", Number, nullable=False),
    Column("user", Text, nullable=False),
    Column("auth_time", Number, nullable=False),
    Column("session_id", Number),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("issued_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("code_challenge", Text, comment="of S256"),
    Column("nonce", Text),
    Column("family_id", Number, comment="what it bought; empty: not redeemed"),
    Column("claims", Text, nullable=False, server_default="", comment="asked for one by one: userinfo:email"),
    _amr(),
    comment="authorization codes",
)

# Those that still wait. Whoever redeems one pays for taking it out; in return nobody reads a day of them through.
Index(
    "ix_codes_waiting",
    codes.c.user_id,
    codes.c.expires_at,
    sqlite_where=codes.c.family_id.is_(None),
)

families: Final = Table(
    "families",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("client_id", Text, nullable=False, index=True),
    Column("generation", Number, nullable=False),
    Column("grant_type", Text, nullable=False, comment="by which it began"),
    Column("user_id", Number, nullable=False),
    Column("user", Text, nullable=False),
    Column("auth_time", Number, nullable=False),
    Column("session_id", Number),
    Column("offline", Boolean, nullable=False, comment="may it outlive its session?"),
    Column("scope", Text, nullable=False),
    Column("issued_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("last_used_at", Number),
    Column("revoked_at", Number),
    Column("claims", Text, nullable=False, server_default="", comment="granted one by one: userinfo:email"),
    _amr(),
    comment="grants of people to applications, with all that came of them; the sweep goes by the ids, which grow",
)

# Those that live: by them a person is shown what acts in their name, and takes it back.
Index(
    "ix_families_user_id",
    families.c.user_id,
    sqlite_where=families.c.revoked_at.is_(None),
)

Index(
    "ix_families_session_id",
    families.c.session_id,
    sqlite_where=families.c.session_id.is_not(None),
)

refresh_tokens: Final = Table(
    "refresh_tokens",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the token, which is nowhere"),
    Column("family_id", Number, nullable=False),
    Column("issued_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("spent_at", Number),
    Column("successor", Number, comment="the one that took its place"),
    Column("sealed", LargeBinary, comment="the answer that it came in, under a key that only its predecessor yields"),
)

# Those that work, one of each family: by them the refresh tokens of one application, or person, are found.
Index(
    "ix_refresh_tokens_family_id",
    refresh_tokens.c.family_id,
    sqlite_where=refresh_tokens.c.spent_at.is_(None),
)

# Only those few whose answer is still kept: they are erased by the second.
Index(
    "ix_refresh_tokens_issued_at",
    refresh_tokens.c.issued_at,
    sqlite_where=refresh_tokens.c.sealed.is_not(None),
)

device_codes: Final = Table(
    "device_codes",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the device code, which is nowhere"),
    Column("user_code", Text, nullable=False, unique=True, comment="eight consonants; worth nothing without a session"),
    Column("client_id", Text, nullable=False),
    Column("generation", Number, nullable=False),
    Column("scope", Text, nullable=False),
    Column("issued_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False),
    Column("interval", Number, nullable=False, comment="seconds between two polls"),
    Column("polled_at", Number),
    Column("user_id", Number, comment="who claimed it"),
    Column("user", Text),
    Column("auth_time", Number),
    Column("session_id", Number),
    Column("approved", Boolean, comment="empty: not decided"),
    Column("family_id", Number, comment="what it bought; empty: not redeemed"),
    _amr(),
    comment="devices that wait to be let in",
)

Index(
    "ix_device_codes_waiting",
    device_codes.c.user_id,
    device_codes.c.expires_at,
    sqlite_where=device_codes.c.family_id.is_(None),
)

signing_keys: Final = Table(
    "signing_keys",
    schema,
    Column("position", Number, primary_key=True, autoincrement=False),
    Column("kid", Text, nullable=False, unique=True),
    Column("alg", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("public", Text, nullable=False, comment="the public JWK"),
    Column("wrapped", LargeBinary, nullable=False, comment="the private key, under the master key"),
    Column("created_at", Number, nullable=False),
    Column("retires_at", Number),
)

acts: Final = Table(
    "acts",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("at", Number, nullable=False),
    Column("actor", Text, nullable=False, index=True),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False, index=True),
    Column("address", Text),
    Column("details", Text, nullable=False, comment="a JSON object"),
    Column("sought", Text, nullable=False, server_default="", comment="what is looked for in, folded"),
    comment="the audit log",
)

# Looks at what one person can read. Each opening of their account page asks for the newest, and strangers who mistype
# that person's password make the log long.
_LOOK: Final = text("action = 'view.user'")
Index("ix_acts_looks", acts.c.target, acts.c.action, sqlite_where=_LOOK)

usage: Final = Table(
    "usage",
    schema,
    Column("client_id", Text, primary_key=True, comment="empty: all applications together"),
    Column("hour", Number, primary_key=True, index=True, autoincrement=False, comment="its first second"),
    Column("kind", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("times", Number, nullable=False),
    comment="how often something happened in an hour: read by application, swept by hour",
    sqlite_with_rowid=False,
)

buckets: Final = Table(
    "buckets",
    schema,
    Column("key", Text, primary_key=True, comment="what is guessed at, and the network from which"),
    Column("empty_at_milliseconds", Number, nullable=False, index=True, comment="when it will have drained"),
    comment="failed attempts: each fills the bucket of its network, which drains by time alone",
)

spent: Final = Table(
    "spent",
    schema,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of what was presented"),
    Column("until", Number, nullable=False, index=True, comment="when it is worth nothing anyway"),
    comment="what can be presented once, and has been",
    sqlite_with_rowid=False,
)

mails: Final = Table(
    "mails",
    schema,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("recipient", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="what it says, under the master key"),
    Column("created_at", Number, nullable=False),
    Column("due_at", Number, nullable=False, index=True, comment="when it is tried next"),
    Column("expires_at", Number, nullable=False, index=True, comment="when it is not worth sending any more"),
    Column("tries", Number, nullable=False),
    Column(
        "user_id", Number, ForeignKey(users.c.id, ondelete="CASCADE"), index=True, comment="whose account it is about"
    ),
    comment="mails that wait to be sent",
)

changes: Final = Table(
    "changes",
    schema,
    Column("id", Number, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("number", Number, nullable=False),
    comment="one number that rises with everything that a cache could hide",
)

processes: Final = Table(
    "processes",
    schema,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("holder", Text, comment="empty: free"),
    Column("since_milliseconds", Number, nullable=False),
    Column("until_milliseconds", Number, nullable=False),
    Column("knows", Text, comment="the newest schema that its program knows; empty: one before 0009"),
    comment="the numbers by which processes make row ids that no other makes",
)

turns: Final = Table(
    "turns",
    schema,
    Column("name", Text, primary_key=True, comment="of what one process does for all"),
    Column("holder", Text, comment="empty: nobody"),
    Column("until_milliseconds", Number, nullable=False),
    comment="whose turn it is",
)

PROCESSES: Final = 1024
"""How many process numbers there are (10 bits). A new database has a free row for each."""

SET_ASIDE: Final = "set aside"
"""Holds the numbers that were leased by a wrong clock, until the time that it told has come."""
