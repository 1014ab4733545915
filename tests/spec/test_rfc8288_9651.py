"""RFC 8288, Web Linking, and RFC 9651, Structured Field Values: the headers of our own answers."""

import re
from pathlib import Path

from tests.asking import ask, bearer
from tests.building import built

LIST = "/api/rest/extensions/"


async def test_a_page_links_to_the_next_and_the_last_to_none(tmp_path: Path) -> None:
    """RFC 8288 §3: Link: <target>; rel="next", the target being a URI-reference that leads on."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        path, seen = f"{LIST}?limit=2", []
        for _ in range(2):
            answer = await house.get(path, token)
            seen += [each["extension"] for each in answer.json()["items"]]
            link = re.fullmatch(r'<([^<>\s]+)>; rel="next"', answer.headers.get("link", ""))
            path = link[1] if link else ""
        assert (seen, path) == (["1001", "1002", "1003"], "")


async def test_a_link_keeps_what_the_request_asked_for(tmp_path: Path) -> None:
    """RFC 8288 §3.1: the target is resolved against the request; here it is an absolute path with the same query."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        link = (await house.get(f"{LIST}?limit=1", token)).headers["link"]
        assert link.startswith(f"<{LIST}?limit=1&after=")


async def test_what_a_removal_took_along_is_a_list_of_tokens_with_counts(tmp_path: Path) -> None:
    """RFC 9651 §3.1: a List whose members are Tokens with a parameter that is an Integer."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        headers = [bearer(token), ("content-type", "application/json")]
        forward = "/api/rest/callforward/users/1001"
        assert (await ask(house.front, "PUT", forward, headers=headers, body=b'{"busy":"7"}')).status == 200
        answer = await ask(house.front, "DELETE", f"{LIST}1001", headers=headers)
        assert (answer.status, answer.headers["scopekeeper-removed"]) == (204, "callforward;count=1")
