"""Scopes in words."""

from scopekeeper.api.modules import installed
from scopekeeper.oauth.claims_request import SCOPE_OF
from scopekeeper.pages.wording import CLAIMS, EVERYTHING, OTHER, SAID, YOU, Group, Line, grouped

CATALOGUE = installed().catalogue
READ, WRITE = "rest:callforward:read", "rest:callforward:write"


def lines(*scope: str, known: tuple[str, ...] = ()) -> dict[str, Line]:
    """Every line, by the scopes it stands for."""
    return {line.scope: line for group in grouped(scope, CATALOGUE, known) for line in group.lines}


def test_they_are_grouped_by_module_with_the_person_first_and_reading_before_writing() -> None:
    found = grouped((WRITE, "rest:extensions:read", READ, "profile", "openid"), CATALOGUE)
    assert [(group.title, [line.scope for line in group.lines]) for group in found] == [
        (YOU, ["openid", "profile"]),
        ("Call Forward", [READ, WRITE]),
        ("Extensions", ["rest:extensions:read"]),
    ]


def test_rest_and_graphql_are_one_thing_to_people() -> None:
    assert grouped((READ, "gql:callforward:read"), CATALOGUE) == (
        Group("Call Forward", (Line(f"{READ} gql:callforward:read", "See where calls are forwarded", False, False),)),
    )


def test_a_wide_scope_has_words_of_its_own() -> None:
    [group] = grouped(("rest", "gql"), CATALOGUE)
    assert (group.title, [line.words for line in group.lines]) == (EVERYTHING, list(SAID[-2:]))
    [group] = grouped(("rest:callforward",), CATALOGUE)
    assert group.lines[0].words == "Read and change everything in Call Forward"


def test_what_writes_is_marked_and_the_person_is_never_written() -> None:
    found = lines("rest", "rest:callforward", READ, WRITE, "openid", "offline_access")
    assert [scope for scope, line in found.items() if line.writes] == ["rest", "rest:callforward", WRITE]


def test_new_is_what_was_not_covered_before_where_anything_was() -> None:
    assert not any(line.new for line in lines(READ, WRITE).values())
    found = lines(READ, WRITE, "openid", known=("rest:callforward:read",))
    assert [scope for scope, line in found.items() if line.new] == ["openid", WRITE]
    assert not lines(READ, WRITE, known=("rest:callforward",))[WRITE].new
    both = lines(READ, "gql:callforward:read", known=(READ,))
    assert both[f"{READ} gql:callforward:read"].new, "by another way than before"


def test_a_scope_that_there_is_not_is_shown_as_itself() -> None:
    assert grouped(("rest:gone:read",), CATALOGUE) == (
        Group(OTHER, (Line("rest:gone:read", "rest:gone:read", False, False),)),
    )


def test_what_the_catalogue_says_of_no_module_is_marked_to_be_translated() -> None:
    said = {entry.description for entry in CATALOGUE if entry.module is None}
    assert said == set(SAID)


def test_a_claim_that_is_asked_for_by_itself_is_told_once_beside_the_scopes() -> None:
    """OpenID Connect Core §5.5: by what it tells, not by its name; new where something else was allowed before."""
    [you] = grouped(["openid"], CATALOGUE, ["openid"], ["email", "email_verified", "given_name", "name"], ["name"])
    assert [(line.scope, line.words, line.new) for line in you.lines] == [
        ("openid", "Know who you are", False),
        ("email email_verified", "See your e-mail address", True),
        ("given_name name", "See your name", True),
    ]
    [first] = grouped(["openid"], CATALOGUE, (), ["email"])
    assert [line.new for line in first.lines] == [False, False]
    [again] = grouped(["openid"], CATALOGUE, ["openid"], ["email"], ["email"])
    assert [line.new for line in again.lines] == [False, False]


def test_every_claim_that_can_be_asked_for_has_its_words() -> None:
    assert SCOPE_OF.keys() == CLAIMS.keys()
