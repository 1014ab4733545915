"""The REST API described: OpenAPI 3.1, made of the operations and of nothing else."""

from scopekeeper.surface.openapi.cutting import cut
from scopekeeper.surface.openapi.document import Document, openapi
from scopekeeper.surface.openapi.paths import path_to

__all__ = ["Document", "cut", "openapi", "path_to"]
