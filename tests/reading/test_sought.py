"""Searching the documentation by words."""

from scopekeeper.docs.sought import found, sought_of, words_of


def test_words_are_looked_for_each_by_itself_and_in_any_case() -> None:
    sought = sought_of("callForward", "Where one extension's calls go.", "gql:callforward:read")
    assert found(words_of("  Calls GQL:call "), sought)
    assert not found(words_of("calls zebra"), sought)
    assert found(words_of(""), sought)
