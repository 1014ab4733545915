"""Browsers, by the names that people know."""

import pytest

from scopekeeper.pages.agents import browser_of, system_of

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge", "Windows"),
        (f"{MOZILLA} (X11; Linux x86_64) {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome", "Linux"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/19.0 Safari/605.1.15", "Safari", "macOS"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 19_0 like Mac OS X) {WEBKIT} CriOS/140.0 Mobile", "Chrome", "iPhone"),
        (
            f"{MOZILLA} (Linux; Android 16) {WEBKIT} SamsungBrowser/29.0 Chrome/136.0 Mobile",
            "Samsung Internet",
            "Android",
        ),
        ("curl/8.10.1", "curl", ""),
        ("", "", ""),
        ("<script>", "", ""),
    ],
)
def test_a_browser_and_its_system_are_told_by_their_names(agent: str, browser: str, system: str) -> None:
    assert (browser_of(agent), system_of(agent)) == (browser, system)
