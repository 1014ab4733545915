"""What results look like over REST."""

from scopekeeper.api.answers import Location, page_reply, removed_reply
from scopekeeper.modules.extensions import Extension
from scopekeeper.sdk import Page
from scopekeeper.sdk.data import Report, Taken


async def nobody_counts() -> int:
    raise AssertionError("REST does not count")


def test_what_went_along_is_told_by_module_as_counts() -> None:
    taken = (
        Taken("callforward", "callforward", ("1001",)),
        Taken("voicemail", "voicemail.boxes", ("1001",)),
        Taken("voicemail", "voicemail.messages", ("1", "2")),
    )
    assert removed_reply(Report(taken)).headers == (
        (b"scopekeeper-removed", b"callforward;count=1, voicemail;count=3"),
    )
    assert removed_reply(Report()).headers == ()


def test_a_location_is_quoted() -> None:
    location = Location("/extensions/{extension}", "extension")
    assert location.of({}, Extension("a/b ?#é", "x")) == b"/api/rest/extensions/a%2Fb%20%3F%23%C3%A9"


def test_the_way_to_the_next_page_keeps_what_was_asked() -> None:
    reply = page_reply(Page((), "1002", nobody_counts), b"/api/rest/x", {"limit": "2", "side": "a&b", "after": "old"})
    assert dict(reply.headers)[b"link"] == b'</api/rest/x?limit=2&side=a%26b&after=ATEwMDI>; rel="next"'
