"""`python -m scopekeeper` is `scopekeeper`."""

from scopekeeper.cli import main

main()
