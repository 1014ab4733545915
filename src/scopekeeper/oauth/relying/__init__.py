"""The rules of a relying party: of whom we take the word, what of it is believed, and whom it stands for. Pure.

Here Scopekeeper is itself a client (OpenID Connect Core §1.2): a provider that an operator named says who somebody is.
"""


class Mistrusted(Exception):
    """What a provider said, or what came back from it, is not believed. The message says why; it is for the log."""
