"""What programs are told of an application, as JSON has it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scopekeeper.cli.output import moment

if TYPE_CHECKING:
    from scopekeeper.oauth.lint import Finding
    from scopekeeper.oauth.privilege import Advice, Observed, Seen
    from scopekeeper.oauth.records import Client, Secret
    from scopekeeper.services.applications import Credential


def record_of(client: "Client") -> dict[str, object]:
    """All that is known of an application, for programs."""
    return {
        "client_id": client.client_id,
        "type": client.type.value,
        "name": client.name,
        "description": client.description,
        "website": client.website,
        "owner": client.owner,
        "enabled": client.enabled,
        "scope": " ".join(client.scope),
        "grant_types": [grant.value for grant in client.grant_types],
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "backchannel_logout_uri": client.backchannel_logout_uri,
        "frontchannel_logout_uri": client.frontchannel_logout_uri,
        "outlives_session": client.outlives_session.value,
        "token_format": client.token_format.value,
        "signing_alg": client.signing_alg,
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
        "userinfo_signed_response_alg": client.userinfo_signed_response_alg,
        "subject_type": client.subject_type.value,
        "sector_identifier_uri": client.sector_identifier_uri,
        "default_max_age": client.default_max_age,
        "default_acr_values": list(client.default_acr_values),
        "required_acr": client.required_acr,
        "access_token_lifetime": client.access_token_lifetime,
        "code_lifetime": client.code_lifetime,
        "pkce": "required" if client.pkce_required else "optional",
        "trusted": client.trusted,
        "resource_server": client.resource_server,
        "created_at": moment(client.created_at),
        "updated_at": moment(client.updated_at),
        "secrets": [_secret_record_of(secret) for secret in client.secrets],
    }


def credential_of(credential: "Credential") -> dict[str, object]:
    """The client_id and, unless the client is public, its new secret."""
    secret = {} if credential.client_secret is None else {"client_secret": credential.client_secret}
    return {"client_id": credential.client.client_id, **secret}


def registration_of(credential: "Credential") -> dict[str, object]:
    """What was registered, for programs."""
    client = credential.client
    return credential_of(credential) | {
        "type": client.type.value,
        "name": client.name,
        "scope": " ".join(client.scope),
        "grant_types": [grant.value for grant in client.grant_types],
        "redirect_uris": list(client.redirect_uris),
    }


def finding_of(client: "Client", finding: "Finding") -> dict[str, object]:
    """What lint found, for programs."""
    return {
        "client_id": client.client_id,
        "name": client.name,
        "code": finding.code,
        "severity": finding.severity.value,
        "title": finding.title,
        "reason": finding.reason,
        "clause": finding.clause,
        "fix": finding.fix_label or None,
    }


def activity_of(client: "Client", observed: "Observed", advice: "Advice") -> dict[str, object]:
    """What an application did, for programs. What was counted is counted by the hour."""
    return {
        "client_id": client.client_id,
        "name": client.name,
        "since": moment(observed.since),
        "until": moment(observed.until),
        "last_used_at": moment(client.last_used_at),
        "tokens": _counted(observed.tokens),
        "calls": _counted(observed.calls),
        "denials": _counted(observed.denials),
        "scopes_used": [{"scope": s.what, "times": s.times, "last": moment(s.last)} for s in observed.scopes],
        "scopes_unused": list(observed.unused),
        "addresses": _counted(observed.addresses),
        "objects_written": _counted(observed.written),
        "advice": {
            "scope": " ".join(advice.scope),
            "narrower": advice.changes is not None,
            "enough": advice.enough,
            "calls": advice.calls,
            "watched_since": moment(advice.since),
        },
    }


def _counted(seen: "Sequence[Seen]") -> dict[str, int]:
    return {each.what: each.times for each in seen}


def _secret_record_of(secret: "Secret") -> dict[str, object]:
    from scopekeeper.oauth.claims import jti_of

    return {
        "id": jti_of(secret.id),
        "last_four": secret.last_four,
        "label": secret.label,
        "created_at": moment(secret.created_at),
        "created_by": secret.created_by,
        "expires_at": moment(secret.expires_at),
        "last_used_at": moment(secret.last_used_at),
        "last_used_address": secret.last_used_address,
    }
