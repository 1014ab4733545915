"""The REST API as collections of requests, for the tools in which people keep such."""

from scopekeeper.docs.collections.bruno import bruno
from scopekeeper.docs.collections.postman import postman

__all__ = ["bruno", "postman"]
