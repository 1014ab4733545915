"""The errors of the RFCs, in two voices: what the client hears is fixed here; what the log hears is the argument."""

from typing import Final, Self


class OAuthError(Exception):
    """A refusal that an RFC defines. `error` and `description` go to the client, `reason` to the log alone."""

    def __init__(self, error: str, description: str, *, status: int = 400, reason: str = "") -> None:
        super().__init__(reason or description)
        self.error: Final = error
        self.description: Final = description
        self.status: Final = status
        self.reason: Final = reason or description

    @classmethod
    def invalid_request(cls, description: str, *, reason: str = "") -> Self:
        """The request lacks something, has something twice, or is malformed (RFC 6749 §5.2)."""
        return cls("invalid_request", description, reason=reason)

    @classmethod
    def invalid_client(cls, reason: str) -> Self:
        """Who is asking is not proven (RFC 6749 §5.2). An unknown client and a wrong secret hear the same."""
        return cls("invalid_client", "Client authentication failed.", status=401, reason=reason)

    @classmethod
    def invalid_grant(cls, reason: str) -> Self:
        """What is presented is unknown, spent, expired or another client's (RFC 6749 §5.2)."""
        return cls(
            "invalid_grant", "The grant is invalid, expired, revoked, or was issued to another client.", reason=reason
        )

    @classmethod
    def unauthorized_client(cls, grant_type: str) -> Self:
        """This application may not use this grant (RFC 6749 §5.2)."""
        return cls(
            "unauthorized_client",
            "This application is not registered for this grant_type.",
            reason=f"grant_type {grant_type!r} is not among the application's",
        )

    @classmethod
    def unsupported_grant_type(cls) -> Self:
        """Nobody may use this grant here (RFC 6749 §5.2). What was sent is not told: it may be a secret."""
        return cls("unsupported_grant_type", "This grant_type is not supported.")

    @classmethod
    def invalid_scope(cls, description: str, *, reason: str = "") -> Self:
        """The scope is unknown, malformed or more than the application may have (RFC 6749 §5.2)."""
        return cls("invalid_scope", description, reason=reason)

    @classmethod
    def invalid_target(cls, description: str) -> Self:
        """The resource is unknown or malformed (RFC 8707 §2)."""
        return cls("invalid_target", description)

    @classmethod
    def temporarily_unavailable(cls, reason: str) -> Self:
        """The store cannot be asked or written just now. Nothing was issued."""
        return cls(
            "temporarily_unavailable", "The server cannot answer just now. Try again.", status=503, reason=reason
        )
