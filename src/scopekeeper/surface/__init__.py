"""The API described: OpenAPI, the GraphQL schema, its projection on scopes, and the scopes that a document needs."""
