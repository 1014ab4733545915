"""People kept from elsewhere: users by SCIM 2.0 (RFC 7643, RFC 7644), under `/scim/v2`.

`filters.py`, `patching.py`, `resources.py` and `projection.py` are rules over plain values: no I/O, no clock.
`directory.py` acts, through the same services as the module `admin`, and `endpoint.py` is the ASGI application.
"""
