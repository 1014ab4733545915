"""Accounts: listed, added, edited, removed, and given a link by which a password is chosen."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import Person, moment, page_of
from scopekeeper.oauth.applications import UNSET
from scopekeeper.oauth.people import LINK_LIFETIME, LONGEST_EMAIL, User
from scopekeeper.oauth.profile import PROFILE
from scopekeeper.pages.links import link_of
from scopekeeper.sdk import Caller, Meta, Page, Paging, Patch, record
from scopekeeper.services.lists import UsersAsked

KIND = "user"
"""What preconditions and writes rely on: one account, as it was at a revision."""

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="1 to 64 of a-z, 0-9 and . _ @ + -; capitals are made small.",
        examples=["carol"],
    ),
]
Email = Annotated[
    str, Meta(max_length=LONGEST_EMAIL, description="Where they are written to.", examples=["alice@example.com"])
]
Verified = Annotated[
    bool, Meta(description="Do you vouch for it that the address is theirs? Another address is vouched for anew.")
]
FullName = Annotated[str, Meta(description="The whole name, as it is written.", examples=["Alice Jørgensen"])]
GivenName = Annotated[str, Meta(description="Their given names.", examples=["Alice"])]
FamilyName = Annotated[str, Meta(description="Their family names.", examples=["Jørgensen"])]
PhoneNumber = Annotated[
    str, Meta(description="As E.164 has it, with an extension if there is one.", examples=["+1 604 555 1234;ext=1001"])
]
Address = Annotated[str, Meta(description="The postal address, in lines.", examples=["1 Main Street\nVancouver"])]
Locale = Annotated[str, Meta(description="Their language, as BCP 47 has it.", examples=["de-AT"])]
Zoneinfo = Annotated[
    str, Meta(description="Their time zone, by its name in the IANA database.", examples=["Europe/Vienna"])
]
Admin = Annotated[bool, Meta(description="Do they administer this server? Then they may do everything.")]


@record
class Account:
    """Somebody who may sign in."""

    name: Person
    email: Email | None
    email_verified: Verified
    full_name: FullName | None
    given_name: GivenName | None
    family_name: FamilyName | None
    phone_number: PhoneNumber | None
    address: Address | None
    locale: Locale | None
    zoneinfo: Zoneinfo | None
    admin: Admin
    enabled: Annotated[bool, Meta(description="False: they are shut out, and so is all that they granted.")]
    has_password: Annotated[bool, Meta(description="False: nobody signs in before a password is chosen, by a link.")]
    created_at: datetime
    updated_at: datetime


@record
class NewAccount:
    """An account to be added. Its password is chosen by a link, by whoever it is for."""

    name: Name
    email: Email | None = None
    email_verified: Verified = False
    full_name: FullName | None = None
    given_name: GivenName | None = None
    family_name: FamilyName | None = None
    phone_number: PhoneNumber | None = None
    address: Address | None = None
    locale: Locale | None = None
    zoneinfo: Zoneinfo | None = None
    admin: Admin = False


@record
class AccountChange:
    """What can be changed of an account. Its name is for ever."""

    email: Email | None = None
    email_verified: Verified = False
    full_name: FullName | None = None
    given_name: GivenName | None = None
    family_name: FamilyName | None = None
    phone_number: PhoneNumber | None = None
    address: Address | None = None
    locale: Locale | None = None
    zoneinfo: Zoneinfo | None = None
    admin: Admin = False
    enabled: bool = True


@record
class PasswordLink:
    """A link by which a password is chosen, once. An older one has died."""

    name: Person
    expires_at: datetime
    link: Annotated[
        str | None,
        Meta(
            description="Its address. It stands in this answer, and nowhere else ever after.",
            examples=["https://auth.example.com/link?token=…"],
        ),
    ]


@api.read("GET /users", field="users", system=True, resource="users")
async def list_users(
    caller: Caller,
    paging: Paging,
    text: Annotated[str, Meta(description="Text in their name or e-mail address.")] = "",
    admin: Annotated[bool, Meta(description="Those who administer this server, or do not.")] | None = None,
    enabled: Annotated[bool, Meta(description="Those who are, or are not.")] | None = None,
) -> Page[Account]:
    """Accounts: those with this text in their name or e-mail address, or all."""
    accounts, asked = caller.provided(Office).accounts, UsersAsked(text=text, admin=admin, enabled=enabled)
    rows = await accounts.find(asked, after=paging.after, limit=paging.limit + 1)
    return page_of(rows, paging, lambda each: each.name, _shown, lambda: accounts.count(asked))


@api.read("GET /users/{name}", field="user", system=True, resource="users")
async def get_user(caller: Caller, name: str) -> Account:
    """One account."""
    return _shown(await found(caller, name))


@api.write("POST /users", field="addUser", system=True, resource="users", gives=("name",))
async def add_user(caller: Caller, body: NewAccount) -> Account:
    """Add an account, without a password: nobody signs in to it before one is chosen by a link.

    An administrator is made only by who holds everything.
    """
    acting = caller.provided(Acting)
    with told():
        user = await caller.provided(Office).accounts.add(
            body.name,
            password=None,
            email=body.email,
            email_verified=body.email_verified,
            profile=_profile_in(body),
            admin=body.admin,
            actor=acting.actor,
            address=acting.address,
            holding=acting.holding,
        )
    return _shown(user)


@api.write("PATCH /users/{name}", field="updateUser", system=True, resource="users")
async def update_user(caller: Caller, name: str, body: Patch[AccountChange]) -> Account:
    """Change an account. Only the fields given are changed; null clears.

    Whoever is shut out loses all sessions, and what they granted does not come back. An administrator's account is
    changed only by who holds everything, unless it is only made less; the last administrator stays.
    """
    acting, user = caller.provided(Acting), await found(caller, name)
    made = body.onto(_as_it_is(user))
    with told():
        edited = await caller.provided(Office).accounts.edit(
            user.name,
            email=made.email,
            email_verified=made.email_verified if "email_verified" in body.changes else UNSET,
            profile=_profile_in(made),
            admin=made.admin,
            enabled=made.enabled,
            actor=acting.actor,
            address=acting.address,
            revision=user.revision,
            holding=acting.holding,
            keep_one=True,
        )
    return _shown(edited)


@api.write("DELETE /users/{name}", field="removeUser", system=True, resource="users")
async def remove_user(caller: Caller, name: str) -> Account:
    """Remove an account, its sessions, tokens and consents. What it owned is nobody's. The last administrator stays."""
    acting, user = caller.provided(Acting), await found(caller, name)
    with told():
        await caller.provided(Office).accounts.remove(
            user.name, acting.actor, acting.address, revision=user.revision, keep_one=True
        )
    return _shown(user)


@api.write("POST /users/{name}/link", field="addPasswordLink", system=True, resource="users", gives=("link",))
async def add_password_link(caller: Caller, name: str) -> PasswordLink:
    """Make a link by which this person's password is chosen, once, within a day.

    Whoever has it can be that person, so it is given only to who holds everything.
    """
    office, acting = caller.provided(Office), caller.provided(Acting)
    user = await found(caller, name)
    with told():
        secret = await office.accounts.password_link(user.name, acting.actor, acting.address, holding=acting.holding)
    return PasswordLink(user.name, moment(office.clock.now() + LINK_LIFETIME), link_of(office.issuer, secret))


async def found(caller: Caller, name: str) -> User:
    """The account, on whose revision this call relies. Raises NotFound."""
    with told():
        user = await caller.provided(Office).accounts.get(name)
    caller.saw(KIND, user.name, user.revision)
    return user


def _shown(user: User) -> Account:
    return Account(
        name=user.name,
        email=user.email,
        email_verified=user.email_verified,
        **_profile_in(user),
        admin=user.admin,
        enabled=user.enabled,
        has_password=user.password is not None,
        created_at=moment(user.created_at),
        updated_at=moment(user.updated_at),
    )


def _as_it_is(user: User) -> AccountChange:
    return AccountChange(**{each.name: getattr(user, each.name) for each in fields(AccountChange)})


def _profile_in(said: NewAccount | AccountChange | User) -> dict[str, str | None]:
    """What is told of the person, by the names that the rules have for it."""
    return {name: getattr(said, name) for name in PROFILE}
