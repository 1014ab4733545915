"""The proxies' files. What they do is for the tests of interop: nginx by its guide, Caddy by its file."""

from tests.deploy.files import DEPLOY
from tests.docs.newcomer import blocks, page


def test_nginxs_file_is_what_the_guide_says() -> None:
    [site] = blocks(page("docs/guides/behind-a-proxy.md"), "nginx")
    assert (DEPLOY / "nginx" / "scopekeeper.conf").read_text(encoding="utf-8") == site
