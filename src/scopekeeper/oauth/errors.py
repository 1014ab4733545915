"""The errors of the RFCs, in two voices: what the client hears is fixed here; what the log hears is the argument."""

from typing import Final, Self


class Replayed(Exception):
    """What was presented has been redeemed before. `family_id`: what it bought, and whose end this is."""

    def __init__(self, family_id: int) -> None:
        super().__init__("it has been redeemed before")
        self.family_id: Final = family_id


class OAuthError(Exception):
    """A refusal that an RFC defines. `error` and `description` go to the client, `reason` to the log alone.

    `guess`: may it have been one that failed? Who guesses too often is slowed down. `retry_after`: seconds to wait.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        reason: str = "",
        guess: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(reason or description)
        self.error: Final = error
        self.description: Final = description
        self.status: Final = status
        self.reason: Final = reason or description
        self.guess: Final = guess
        self.retry_after: Final = retry_after

    @classmethod
    def invalid_request(cls, description: str, *, reason: str = "") -> Self:
        """The request lacks something, has something twice, or is malformed (RFC 6749 §5.2)."""
        return cls("invalid_request", description, reason=reason)

    @classmethod
    def invalid_client(cls, reason: str) -> Self:
        """Who is asking is not proven (RFC 6749 §5.2). An unknown client and a wrong secret hear the same."""
        return cls("invalid_client", "Client authentication failed.", status=401, reason=reason, guess=True)

    @classmethod
    def invalid_grant(cls, reason: str) -> Self:
        """What is presented is unknown, spent, expired or another client's (RFC 6749 §5.2)."""
        description = "The grant is invalid, expired, revoked, or was issued to another client."
        return cls("invalid_grant", description, reason=reason, guess=True)

    @classmethod
    def wrong_password(cls) -> Self:
        """Name and password do not go together (RFC 6749 §5.2). Such guesses are counted where they are proven."""
        return cls("invalid_grant", "Name and password do not match.", reason="wrong name or password")

    @classmethod
    def password_is_not_enough(cls) -> Self:
        """The password is right, and a second factor is needed, which the grant cannot show (RFC 6749 §5.2)."""
        return cls(
            "invalid_grant",
            "This takes a second factor, which cannot be shown with the password grant: use the authorization code "
            "grant.",
            reason="a second factor is needed",
        )

    @classmethod
    def authorization_pending(cls) -> Self:
        """Nobody has let the device in yet (RFC 8628 §3.5)."""
        return cls("authorization_pending", "Nobody has answered for this device yet. Ask again.")

    @classmethod
    def slow_down(cls) -> Self:
        """The same, and the device asks too often (RFC 8628 §3.5)."""
        return cls("slow_down", "Nobody has answered for this device yet. Leave five seconds more between two polls.")

    @classmethod
    def access_denied(cls) -> Self:
        """The person said no (RFC 6749 §4.1.2.1, RFC 8628 §3.5)."""
        return cls("access_denied", "The person denied the request.")

    @classmethod
    def expired_token(cls) -> Self:
        """The device waited for too long (RFC 8628 §3.5)."""
        return cls("expired_token", "The device_code has expired. Begin anew.")

    @classmethod
    def unauthorized_client(cls, grant_type: str) -> Self:
        """This application may not use this grant (RFC 6749 §4.1.2.1, §5.2)."""
        return cls("unauthorized_client", f"This application is not registered for the grant {grant_type}.")

    @classmethod
    def unsupported_grant_type(cls) -> Self:
        """Nobody may use this grant here (RFC 6749 §5.2). What was sent is not told: it may be a secret."""
        return cls("unsupported_grant_type", "This grant_type is not supported.")

    @classmethod
    def unsupported_response_type(cls) -> Self:
        """Nobody is answered in this way here (RFC 6749 §4.1.2.1)."""
        return cls("unsupported_response_type", "This response_type is not supported.")

    @classmethod
    def not_supported(cls, parameter: str) -> Self:
        """What OpenID Connect has an error of its own for, while it is not supported (Core §3.1.2.6)."""
        return cls(f"{parameter}_not_supported", f"The parameter {parameter} is not supported.")

    @classmethod
    def login_required(cls) -> Self:
        """Nothing may be shown, and the person has to sign in (OpenID Connect Core §3.1.2.6)."""
        return cls("login_required", "The person has to sign in.")

    @classmethod
    def unmet_authentication_requirements(cls) -> Self:
        """Nobody can prove who they are as well as is asked (Core Unmet Authentication Requirements §3)."""
        return cls("unmet_authentication_requirements", "Nobody can sign in here in the way that was asked for.")

    @classmethod
    def consent_required(cls) -> Self:
        """Nothing may be shown, and the person has to be asked (OpenID Connect Core §3.1.2.6)."""
        return cls("consent_required", "The person has to be asked.")

    @classmethod
    def invalid_scope(cls, description: str, *, reason: str = "") -> Self:
        """The scope is unknown, malformed or more than the application may have (RFC 6749 §5.2)."""
        return cls("invalid_scope", description, reason=reason)

    @classmethod
    def invalid_target(cls, description: str) -> Self:
        """The resource is unknown or malformed (RFC 8707 §2)."""
        return cls("invalid_target", description)

    @classmethod
    def too_many(cls, retry_after: int) -> Self:
        """Too many guesses failed (RFC 6585 §4)."""
        return cls(
            "temporarily_unavailable",
            f"Too many attempts failed. Try again in {retry_after} seconds.",
            status=429,
            retry_after=retry_after,
        )

    @classmethod
    def temporarily_unavailable(cls, reason: str) -> Self:
        """The store cannot be asked or written just now. Nothing was issued."""
        return cls(
            "temporarily_unavailable", "The server cannot answer just now. Try again.", status=503, reason=reason
        )
