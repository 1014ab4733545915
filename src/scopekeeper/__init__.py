"""Scopekeeper: an OAuth 2.0 authorization server that knows every scope of the API it guards."""

__version__ = "0.1.0"
