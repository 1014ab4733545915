"""No secret is ever logged, and none is at rest: a day in the life of a server, and then its log and its files."""

import json
from pathlib import Path

import httpx2

from scopekeeper.oauth.secrets import Kind, secret_of
from tests.live import Live, live

WRONG = secret_of(Kind.CLIENT_SECRET, 1, "w" * 32)
FORGED = secret_of(Kind.ACCESS_TOKEN, 1, "f" * 32)
PASSWORD = "a password that nobody must ever see again but alice"


def lived(server: Live) -> list[str]:
    """Everything that happens to secrets, well and badly. Answers all that must never be seen again."""
    opaque = server.json("app", "add", "Opaque", "--type", "m2m", "--scope", "rest gql")
    signed = server.json("app", "add", "Signed", "--type", "m2m", "--scope", "rest", "--token-format", "jwt")
    rotated = server.json("app", "rotate", opaque["client_id"])
    after = server.json("app", "compromised", signed["client_id"])
    secrets = [each["client_secret"] for each in (opaque, signed, rotated, after)]
    tokens = [server.token(opaque), server.token({**signed, **after})]
    with httpx2.Client(base_url=server.issuer) as client:
        for token in (*tokens, FORGED, tokens[1][:-2]):
            headers = {"authorization": f"Bearer {token}"}
            client.get("/api/rest/extensions/", headers=headers)
            client.get(f"/api/rest/extensions/{token}?access_token={token}&after={token}", headers=headers)
            client.put("/api/rest/callforward/users/1001", headers=headers, json={"busy": token})
            client.post(
                "/api/graphql", headers=headers, json={"query": f'{{ extension(extension: "{token}") {{ name }} }}'}
            )
            client.get(f"/{token}")
        for client_secret in (*secrets, WRONG):
            auth = (opaque["client_id"], client_secret)
            form = {"grant_type": "client_credentials", "scope": client_secret, "client_secret": client_secret}
            client.post("/oauth/token", data=form)
            client.post("/oauth/token", data=form, auth=auth)
            client.post(f"/oauth/token?client_secret={client_secret}", data=form, auth=auth)
            client.post("/oauth/token", data={"grant_type": client_secret}, auth=auth)
            for path in ("/oauth/introspect", "/oauth/revoke"):
                client.post(path, data={"token": tokens[0], "client_secret": client_secret}, auth=auth)
                client.post(path, data={"token": tokens[0]}, auth=auth)
        granted = what_alice_grants(server, client)
    return [*secrets, *tokens, *granted, WRONG, FORGED]


def what_alice_grants(server: Live, client: httpx2.Client) -> list[str]:
    """By the grant that sends her password; refreshed, asked for once more within the grace, and given back."""
    assert server.run("user", "add", "alice", "--password-stdin", input=PASSWORD).returncode == 0
    made = server.json("app", "add", "Old", "--type", "native", "--scope", "rest openid", "--grant", "password")
    auth = (made["client_id"], made["client_secret"])

    def token(**form: str) -> dict[str, str]:
        answered: dict[str, str] = client.post("/oauth/token", data=form, auth=auth).json()
        return answered

    form = {"grant_type": "password", "username": "alice", "scope": "rest openid"}
    first = token(**form, password=PASSWORD)
    assert token(**form, password=PASSWORD[:-1])["error"] == "invalid_grant"
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second, again = token(**refresh), token(**refresh)
    assert second["refresh_token"] == again["refresh_token"]
    told = [answer[each] for answer in (first, second) for each in ("access_token", "refresh_token", "id_token")]
    for each in told:
        for path in ("/oauth/introspect", "/oauth/revoke"):
            client.post(path, data={"token": each}, auth=auth)
        token(grant_type="authorization_code", code=each, redirect_uri="https://app.example/", code_verifier=each)
    return [made["client_secret"], PASSWORD, *told]


def test_row_31_no_secret_is_in_the_log_or_in_any_file(tmp_path: Path) -> None:
    with live(tmp_path, {"SCOPEKEEPER_LOG_LEVEL": "debug", "SCOPEKEEPER_LOG_FORMAT": "json"}) as server:
        secrets = lived(server)
        assert server.terminate() == 0
        log = server.log.read_text()
        there = [each for each in tmp_path.rglob("*") if each.is_file() and each != server.log]
        files = {each.name: each.read_bytes() for each in there}
    requests = [line for line in log.splitlines() if line.startswith("{") and json.loads(line)["event"] == "request"]
    assert len(requests) > 50
    for secret in secrets:
        assert secret[-38:] not in log
        assert [name for name, content in files.items() if secret[-38:].encode() in content] == []
