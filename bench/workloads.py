"""The workloads, the floor that each is held against, and how much of it is to be reached."""

from dataclasses import dataclass
from typing import Final, Literal

FLOOR: Final = "floor"
OURS: Final = "scopekeeper"
ON_POSTGRES: Final = "… on PostgreSQL"
TWO_WORKERS: Final = "… and two workers"
"""The same on other ground: what is to be reached is told of the first alone."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A kind of request. `must` and `aim` are ratios to the floor, in requests per CPU-second of the server."""

    name: str
    floor: Literal["POST", "GET"]
    must: float | None = None
    aim: float | None = None


OPAQUE: Final = Workload("client_credentials, opaque", "POST", 0.30, 0.55)
JWT: Final = Workload("client_credentials, JWT ES256", "POST", 0.20, 0.30)
REFRESH: Final = Workload("refresh with rotation", "POST", 0.22, 0.45)
CODE: Final = Workload("code exchange", "POST", 0.20, 0.40)
INTROSPECTION: Final = Workload("introspection", "POST", 0.50, 0.85)
REST_READ: Final = Workload("REST read", "GET", 0.25, 0.50)
REST_WRITE: Final = Workload("REST write", "POST")
GRAPHQL_FIELD: Final = Workload("GraphQL, one field", "GET", 0.12, 0.25)
GRAPHQL_LIST: Final = Workload("GraphQL, 50 × 4 fields", "GET")
DISCOVERY: Final = Workload("discovery", "GET")

WORKLOADS: Final = (
    OPAQUE, JWT, REFRESH, CODE, INTROSPECTION, REST_READ, REST_WRITE, GRAPHQL_FIELD, GRAPHQL_LIST, DISCOVERY,
)  # fmt: skip
