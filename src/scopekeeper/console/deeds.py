"""What the audit log's actions mean, in words."""

from typing import Final

DEEDS: Final = {
    "application.add": "registered the application",
    "application.change": "changed the application",
    "application.compromised": "declared the application compromised",
    "application.end_secret": "ended a secret of the application",
    "application.remove": "removed the application",
    "application.rotate": "rotated the secret of the application",
    "application.secret": "gave its first secret to the application",
    "client.refused": "was refused: wrong credentials of an application",
    "clock.believe": "said that a machine's clock is right, and a later one was wrong",
    "code.replayed": "presented a code a second time",
    "consent.give": "gave access to the application",
    "consent.withdraw": "took back the access of the application",
    "device.approve": "let in a device of the application",
    "device.deny": "turned away a device of the application",
    "device.replayed": "presented a device code a second time",
    "factors.remove": "took all second factors away",
    "family.revoke": "revoked a refresh token, and all that came of it",
    "family.revoke_matching": "revoked all refresh tokens that matched",
    "identity.add": "let somebody sign in through another provider",
    "identity.remove": "ended that somebody signs in through another provider",
    "keys.make": "made the first signing keys",
    "keys.rotate": "rotated the signing keys",
    "logout.undelivered": "gave up telling the application that somebody has signed out",
    "mail.undelivered": "gave up mailing somebody",
    "passkey.add": "added a passkey",
    "passkey.remove": "removed a passkey",
    "passkey.rename": "renamed a passkey",
    "recovery.replace": "made new recovery codes",
    "recovery.use": "used a recovery code",
    "refresh.replayed": "presented a used refresh token again",
    "session.begin": "signed in",
    "session.end": "ended a session",
    "session.strengthen": "made their session as strong as the second factor that they set up",
    "setup.link": "made a link for the first administrator",
    "token.revoke": "revoked an access token",
    "token.revoke_matching": "revoked all access tokens that matched",
    "totp.add": "set up one-time codes",
    "totp.remove": "removed one-time codes",
    "upstream.add": "registered a provider at which people may sign in",
    "upstream.change": "changed a provider at which people may sign in",
    "upstream.remove": "removed a provider at which people may sign in",
    "user.add": "added an account",
    "user.change": "changed an account",
    "user.disable": "disabled an account",
    "user.enable": "enabled an account",
    "user.export": "took away all that is kept about them",
    "user.link": "made a link to choose a password with",
    "user.password": "chose a password",
    "user.refused": "was refused: wrong name or password",
    "user.remove": "removed an account",
    "view.application": "looked at what the application can read",
    "view.user": "looked at what the person can read",
}
"""Every action, and what whoever did it did."""

ALARMING: Final = frozenset({
    "application.compromised", "client.refused", "clock.believe", "code.replayed", "device.replayed",
    "logout.undelivered", "mail.undelivered", "refresh.replayed", "user.refused",
})  # fmt: skip
"""What somebody should look at."""

SUBJECTS: Final = {
    "application": "Applications",
    "client": "Refused applications",
    "clock": "Clocks",
    "code": "Replayed codes",
    "consent": "Consents",
    "device": "Devices",
    "factors": "All second factors",
    "family": "Refresh tokens",
    "identity": "Sign-in through other providers",
    "keys": "Signing keys",
    "logout": "Sign-outs that were not heard of",
    "mail": "Mail that nobody got",
    "passkey": "Passkeys",
    "recovery": "Recovery codes",
    "refresh": "Replayed refresh tokens",
    "session": "Sessions",
    "setup": "Set-up",
    "token": "Access tokens",
    "totp": "One-time codes",
    "upstream": "Other providers",
    "user": "Accounts",
    "view": "Looks through others' eyes",
}
"""What actions are about: the part of each before its dot."""


def deed_of(action: str) -> str:
    """The action in words; as it is, where a later version wrote it."""
    return DEEDS.get(action, action)
