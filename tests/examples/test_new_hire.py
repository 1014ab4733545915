"""The new hire: everything is set up, once, or nothing is."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.examples.running import machine, run
from tests.live import Live, live

GROUP = {"number": "690", "name": "Sales", "members": [{"extension": "1001"}, {"number": "5551234"}]}
ZOE = ("1060", "Zoe Winter", "--email", "zoe@example.com", "--group", "690", "--no-answer", "+4915155501")


class Asking:
    """Whoever looks at what became of it."""

    def __init__(self, server: Live) -> None:
        made = server.json("app", "add", "Steward", "--type", "m2m", "--scope", "rest")
        self._client = httpx2.Client(
            base_url=f"{server.issuer}/api/rest", headers={"authorization": f"Bearer {server.token(made)}"}
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str) -> Any:
        answer = self._client.get(path)
        return answer.json() if answer.status_code == 200 else None

    def post(self, path: str, body: object) -> None:
        answer = self._client.post(path, json=body)
        assert answer.status_code == 201, answer.text

    @property
    def members(self) -> list[Any]:
        told = self.get("/ringgroups/groups/690")["members"]
        return [{kind: who for kind, who in each.items() if who is not None} for each in told]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("hired")) as running:
        yield running


@pytest.fixture(scope="module")
def asking(server: Live) -> Iterator[Asking]:
    asking = Asking(server)
    asking.post("/ringgroups/groups", GROUP)
    yield asking
    asking.close()


@pytest.fixture(scope="module")
def application(server: Live) -> dict[str, str]:
    return machine(server, "new_hire")


def test_whoever_is_new_is_set_up_and_a_second_run_finds_it_so(
    server: Live, asking: Asking, application: dict[str, str]
) -> None:
    first = run(server, "new_hire", application, *ZOE)
    assert (first.returncode, first.stderr) == (0, "")
    assert [line.partition(":")[0] for line in first.stdout.splitlines()] == ["done"] * 4
    assert asking.get("/extensions/1060")["name"] == "Zoe Winter"
    mailbox = asking.get("/voicemail/mailboxes/1060")
    assert (mailbox["enabled"], mailbox["email"], mailbox["attach"]) == (True, "zoe@example.com", True)
    assert asking.get("/callforward/users/1060")["unavailable"] == "+4915155501"
    assert asking.members == [*GROUP["members"], {"extension": "1060"}]

    second = run(server, "new_hire", application, *ZOE)
    assert second.returncode == 0
    assert [line.partition(":")[0] for line in second.stdout.splitlines()] == ["was so"] * 4
    assert asking.members == [*GROUP["members"], {"extension": "1060"}]


def test_what_cannot_be_finished_is_taken_back(server: Live, asking: Asking, application: dict[str, str]) -> None:
    before = asking.members
    said = run(server, "new_hire", application, "1061", "Yan", "--no-answer", "5551234", "--group", "999")
    assert said.returncode == 1
    assert "failed: there is no ring group 999" in said.stderr
    taken = [line for line in said.stdout.splitlines() if line.startswith("taken back")]
    assert taken[-1] == "taken back: extension 1061 for Yan"
    assert asking.get("/extensions/1061") is None
    assert asking.members == before


def test_what_was_there_before_is_put_back_as_it_was(server: Live, asking: Asking, application: dict[str, str]) -> None:
    name = asking.get("/extensions/1003")["name"]
    mailbox, forward = asking.get("/voicemail/mailboxes/1003"), asking.get("/callforward/users/1003")
    assert forward["unavailable"] == "5551234"
    asked = ("1003", name, "--email", "a@example.com", "--no-answer", "7", "--group", "999")
    assert run(server, "new_hire", application, *asked).returncode == 1
    assert asking.get("/voicemail/mailboxes/1003") == mailbox
    assert asking.get("/callforward/users/1003") == forward


def test_the_extension_of_somebody_else_is_left_alone(
    server: Live, asking: Asking, application: dict[str, str]
) -> None:
    said = run(server, "new_hire", application, "1002", "Zoe Winter")
    assert said.returncode == 1
    assert said.stderr.startswith("failed: 1002 is Bea Winter's")


def test_it_says_which_scope_it_lacks(server: Live, asking: Asking) -> None:
    poorer = machine(server, "new_hire", "rest:extensions rest:voicemail rest:callforward rest:ringgroups:read")
    said = run(server, "new_hire", poorer, "1062", "Xaver", "--group", "690")
    assert said.returncode == 1
    assert "invalid_scope" in said.stderr
    assert asking.get("/extensions/1062") is None
