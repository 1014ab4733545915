"""kill -9 in the middle of issuing: no token that was answered is lost, none that was revoked comes back."""

import asyncio
from pathlib import Path

import httpx2

from tests.live import Live, live

ROUNDS = 20
CLIENTS = 16


async def _issue_until_it_dies(
    server: Live, application: dict[str, str], answered: list[str], enough: asyncio.Event
) -> None:
    credentials = (application["client_id"], application["client_secret"])
    async with httpx2.AsyncClient(base_url=server.issuer, auth=credentials) as client:
        while True:
            try:
                answer = await client.post("/oauth/token", data={"grant_type": "client_credentials"})
            except httpx2.TransportError:
                return
            assert answer.status_code == 200, answer.text
            answered.append(answer.json()["access_token"])
            if len(answered) >= 10:
                enough.set()


async def _killed_under_load(server: Live, application: dict[str, str]) -> list[str]:
    answered: list[str] = []
    enough = asyncio.Event()
    tasks = [asyncio.create_task(_issue_until_it_dies(server, application, answered, enough)) for _ in range(CLIENTS)]
    await enough.wait()
    server.kill()
    await asyncio.gather(*tasks)
    return answered


def test_kill_9_under_load_loses_no_token_that_was_answered_twenty_times_over(tmp_path: Path) -> None:
    with live(tmp_path, sample=False) as server:
        application = server.json("app", "add", "Load", "--type", "m2m", "--scope", "rest")
        answered: list[str] = []
        for _ in range(ROUNDS):
            answered += asyncio.run(_killed_under_load(server, application))
            server.start()
        assert len(answered) >= ROUNDS * 10
        assert len(set(answered)) == len(answered)
        with httpx2.Client(
            base_url=server.issuer, auth=(application["client_id"], application["client_secret"])
        ) as client:
            lost = [t for t in answered if not client.post("/oauth/introspect", data={"token": t}).json()["active"]]
        assert lost == []


def test_a_revocation_that_was_answered_survives_kill_9(tmp_path: Path) -> None:
    with live(tmp_path, sample=False) as server:
        application = server.json("app", "add", "Load", "--type", "m2m", "--scope", "rest")
        credentials = (application["client_id"], application["client_secret"])
        for _ in range(3):
            token = server.token(application)
            assert (
                httpx2.post(f"{server.issuer}/oauth/revoke", data={"token": token}, auth=credentials).status_code == 200
            )
            server.kill()
            server.start()
            told = httpx2.post(f"{server.issuer}/oauth/introspect", data={"token": token}, auth=credentials).json()
            assert told == {"active": False}


def test_a_changed_forward_that_was_answered_survives_kill_9(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        application = server.json("app", "add", "Load", "--type", "m2m", "--scope", "rest:callforward")
        for number in range(3):
            headers = {"authorization": f"Bearer {server.token(application)}"}
            url = f"{server.issuer}/api/rest/callforward/users/1001"
            assert httpx2.put(url, json={"busy": f"555000{number}"}, headers=headers).status_code == 200
            server.kill()
            server.start()
            assert httpx2.get(url, headers=headers).json()["busy"] == f"555000{number}"
