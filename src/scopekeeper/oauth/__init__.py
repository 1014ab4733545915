"""The rules: what the RFCs say, as pure functions from values to values.

No `await`, no clock, no randomness, no logging, no HTTP, no SQL. What a rule needs to know is an argument; what it
decides is its return value, or an OAuthError.
"""
