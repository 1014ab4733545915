"""The post of a house: how it writes to people, where whoever runs it has named a server that takes its mail."""

from dataclasses import dataclass

from scopekeeper.pages.agents import browser_of, system_of
from scopekeeper.pages.letters import Letters
from scopekeeper.pages.links import link_of
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.aside import Aside
from scopekeeper.services.attempts import Attempts, Limits
from scopekeeper.services.invitations import Forgotten, LinksByMail
from scopekeeper.services.mail import Mailing, host_of
from scopekeeper.services.ports import Clock, Entropy, Store
from scopekeeper.services.postman import Postman
from scopekeeper.services.telling import Told
from scopekeeper.services.vault import Vault
from scopekeeper.settings import Settings
from scopekeeper.wire.smtp import Smtp


@dataclass(frozen=True, slots=True)
class Post:
    """What writes, and what sends."""

    mailing: Mailing
    told: Told
    postman: Postman


def post_of(
    settings: Settings, store: Store, vault: Vault, clock: Clock, entropy: Entropy, aside: Aside
) -> Post | None:
    """The post by these settings; None where they name no server."""
    server, sender = settings.mail_server, settings.mail_from
    if server is None or sender is None:
        return None
    host = host_of(settings.issuer)
    mailing = Mailing(store, vault, Letters(settings.issuer), sender, host, clock, entropy)
    postman = Postman(store, vault, Smtp(server, host), sender.address, clock, entropy)
    return Post(mailing, Told(mailing, store, clock, aside, _family_of, settings.rate_limits), postman)


def links_of(settings: Settings, post: Post | None, accounts: Accounts) -> LinksByMail | None:
    """What sends links to people; None where there is no post."""
    if post is None:
        return None
    return LinksByMail(accounts, post.mailing, lambda secret: link_of(settings.issuer, secret))


def forgotten_of(links: LinksByMail | None, store: Store, clock: Clock, limits: Limits) -> Forgotten | None:
    """What sends a link to whoever has forgotten their password; None where there is no post.

    What strangers ask for is done aside by itself: else they could see to it that nobody is told anything.
    """
    if links is None:
        return None
    attempts = Attempts(store, clock, "forgotten", limits)
    return Forgotten(links.accounts, links, store, attempts, Aside(), clock, limits.on)


def _family_of(agent: str) -> str:
    return " ".join(each for each in (browser_of(agent), system_of(agent)) if each)
