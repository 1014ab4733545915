"""The page's section on other people's servers: what the kept run beside them says."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench.record import Run, kept
from bench.summary import summary
from bench.table import markdown_table

_TEXT: Final = """\
## Beside other people's servers

`make bench-peers` installs what can be installed and measures the floor, ours and them in one run: {connections}
connections, {seconds} s a workload after {warm_up} s of warm-up, {rounds} rounds, each server on the same core with its
database. Each is set up as its own documentation has it for serving in earnest. What they do not have is left out.
Introspection asks for 200 of their tokens in turn, for some take long to give more. Measured on {at}.

{table}

* *oidc-provider* runs with `NODE_ENV=production`, in one process (before Node 22 it warns that it wants that). Its
  applications are in its configuration, so they cost it no look-up. In memory it keeps all in maps, for its own store
  forgets after a thousand things, and nothing outlives the process. On PostgreSQL it has an adapter of ours
  (`bench/peers/on_postgres.js`): one table, upserts, prepared statements. It keeps no JWT; we keep a row of each, by
  which it can be listed and revoked.
* *Glewlwyd* is Debian's, with its OIDC plugin. Its access tokens are JWTs, which it keeps, in the SQLite that it opens.
* *Authlib* runs on Flask under gunicorn with one process of four threads, with SQLite through SQLAlchemy, as its
  documentation begins. Its tables are as its mixins make them.
* *django-oauth-toolkit* runs under gunicorn with one process of four threads and connections to PostgreSQL that stay
  open. By default it hashes secrets of applications as passwords are hashed: then it is asked by one connection, for
  tokens only. Without (`hash_client_secret=False`, which its documentation has for tokens signed with the secret) the
  database has them in the clear. We keep a digest.
{absent}
* Versions: {versions}
"""


def section(folder: Path) -> str:
    """The section, or nothing where no run beside others is kept in the folder."""
    path = folder / "peers-latest.json"
    return _section(kept(path)) if path.exists() else ""


def _section(run: Run) -> str:
    left_out = "".join(f"* Left out: {name}, because {why}.\n" for name, why in run.absent.items())
    text = _TEXT.format(
        **asdict(run.method),
        at=run.at,
        table=markdown_table(summary(run)),
        absent=left_out,
        versions=", ".join(f"{name} {version}" for name, version in run.versions.items()),
    )
    return text.replace("\n\n* Versions", "\n* Versions")
