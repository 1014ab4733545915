"""In both rooms a reader is told of which records exactly one field is given."""

from scopekeeper.docs.graphql import GraphqlDocs
from scopekeeper.docs.rest.schemas import Schemas
from tests.reading.shelf import LIBRARY, WHOLE


def test_a_field_of_the_rest_api_says_what_there_is_to_choose() -> None:
    components = LIBRARY.openapi["components"]["schemas"]
    for record in ("RingGroup", "SetRingGroupBody"):
        rows = {row.name: row for row in Schemas(components).rows({"$ref": f"#/components/schemas/{record}"})}
        assert ("Exactly one of", "extension, ring_group, voicemail, number") in rows["destination"].facts
        assert ("Exactly one of", "extension, number") in rows["members"].facts
        assert not any(word == "Exactly one of" for word, _ in rows["name"].facts)


def test_an_input_of_graphql_says_that_it_is_one() -> None:
    types = {used.type.name: used.type for kind in GraphqlDocs(LIBRARY).of(WHOLE).kinds for used in kind.types}
    told = {name for name, each in types.items() if "<code>@oneOf</code>" in each.words}
    assert told >= {"DestinationInput", "MemberInput"}
    assert all(types[name].kind == "inputs" for name in told)
