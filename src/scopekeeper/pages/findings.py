"""What lint finds, in the words in which an application's owner reads it, marked to be translated.

An owner is told what is the matter and why. How it is mended, by an edit, is for those who may edit.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from scopekeeper.pages.unfit import N_


class Said(NamedTuple):
    """A finding in words."""

    title: str
    reason: str


FINDINGS: Final[Mapping[str, Said]] = {
    "password_grant": Said(
        N_("It asks people for their passwords"),
        N_("People learn to type their password anywhere. Signing in by the browser, with a code, is safer."),
    ),
    "implicit_grant": Said(
        N_("It gets tokens in addresses"),
        N_("Browsers, logs and other pages can read them there. Codes with PKCE are safer."),
    ),
    "pkce_optional": Said(
        N_("It can do without PKCE"),
        N_("A code that is stolen on its way can be redeemed by somebody else."),
    ),
    "both_selves": Said(
        N_("It acts for people and for itself"),
        N_("Two applications keep a mistake in the one from reaching what only the other may."),
    ),
    "spa_refresh": Said(
        N_("A browser keeps its refresh tokens"),
        N_("A stolen one is noticed only once it is used a second time."),
    ),
    "long_tokens": Said(
        N_("Its access tokens live for more than an hour"),
        N_("Whoever finds one can use it until it ends."),
    ),
    "long_jwts": Said(
        N_("Its tokens live for more than 15 minutes"),
        N_("Other servers that check a signed token by themselves do not hear that it was revoked."),
    ),
    "no_secret": Said(
        N_("It has no secret that works"),
        N_("It cannot sign in any more. Rotate its secret, and give it the new one."),
    ),
    "secret_ends": Said(
        N_("Its last secret ends soon"),
        N_("There is no other. Rotate it before then, and give the application the new one."),
    ),
    "old_secret": Said(
        N_("Its secret is old"),
        N_("The longer a secret is in use, the more places have seen it. Rotate with an overlap, and nobody notices."),
    ),
    "spare_secret": Said(
        N_("An old secret is no longer used"),
        N_("Nobody has come with it since a newer one was made. It can end."),
    ),
    "unused_secret": Said(
        N_("Its secret was never used"),
        N_("A key that nobody needs can only be stolen."),
    ),
    "never_used": Said(
        N_("Nobody uses it"),
        N_("What nobody needs should be switched off."),
    ),
    "disabled": Said(
        N_("It is switched off"),
        N_("Its secrets and tokens do not work until it is switched on again."),
    ),
    "owner_gone": Said(
        N_("Its owner is gone"),
        N_("Nobody looks after it."),
    ),
    "no_redirect": Said(
        N_("It has no redirect URI"),
        N_("Nobody can let it in by the browser before there is an address to come back to."),
    ),
    "plain_http": Said(
        N_("A redirect URI is plain http"),
        N_("That is for developing: anybody's program can listen there."),
    ),
    "localhost": Said(
        N_("A redirect URI says localhost"),
        N_("What that name means depends on the machine. 127.0.0.1 and [::1] are always this machine."),
    ),
    "private_scheme": Said(
        N_("A redirect URI has a scheme of its own"),
        N_("Any other program on the device can claim that scheme, too."),
    ),
    "open_redirector": Said(
        N_("A redirect URI looks as if it sent browsers on"),
        N_("If that page leads to any address that it is told, codes go with it."),
    ),
    "many_redirects": Said(
        N_("It has many redirect URIs"),
        N_("Each is one more page that has to be safe."),
    ),
    "no_openid": Said(
        N_("It may not ask who somebody is"),
        N_("What it may be told of people it is told with the scope openid alone, which it does not have."),
    ),
    "pairwise_known": Said(
        N_("People have a name of their own there, and are known by others"),
        N_("It may ask for names or addresses: by those, people are known again at other applications."),
    ),
    "always_outlives": Said(
        N_("Signing out does not stop it"),
        N_("What people allow it goes on after they have signed out, also where they did not allow that."),
    ),
    "plain_backchannel": Said(
        N_("It is told without encryption that somebody signs out"),
        N_("An application without a secret has to be told at an https address."),
    ),
    "offline_in_vain": Said(
        N_("It asks to stay connected, and does not"),
        N_("Nothing of it outlives signing out, whatever people allow."),
    ),
    "never_told": Said(
        N_("It is never told that somebody signs out"),
        N_("Only an application that may ask who somebody is (openid) is told."),
    ),
    "frontchannel_alone": Said(
        N_("A frame alone tells it that somebody signs out"),
        N_("Many browsers send no cookies there. A back-channel logout URI tells its server."),
    ),
    "covers_everything": Said(
        N_("It may do everything"),
        N_("Whoever has its secret can read and change everything, applications and people included."),
    ),
    "covers_admin": Said(
        N_("It may administer"),
        N_("Whoever has its secret sees or changes who is let in."),
    ),
    "no_scopes": Said(
        N_("It has no scopes"),
        N_("It is given no token."),
    ),
    "unused_scopes": Said(
        N_("It may do more than it does"),
        N_("In all the time that it was watched it needed less."),
    ),
    "trusted_public": Said(
        N_("It is trusted without a secret"),
        N_("Any other program on the device can claim to be it, and is let in without a question."),
    ),
    "resource_server": Said(
        N_("It may look into all tokens"),
        N_("That is right for a server that takes our tokens, and too much for any other."),
    ),
}
"""By the finding's code."""
