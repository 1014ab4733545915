"""Which redirect URIs may be registered. The numbers are the rows of docs/security.md."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.redirects import UnfitRedirect, fit

_WEB, _SPA, _NATIVE = ApplicationType.WEB, ApplicationType.SPA, ApplicationType.NATIVE


@pytest.mark.parametrize(
    "uri",
    ["https://app.example.com/callback", "https://app.example.com", "https://app.example.com:8443/cb?tenant=7",
     "http://127.0.0.1:9000/cb", "http://[::1]/cb", "http://localhost:3000/", "https://[2001:db8::1]/cb",
     "https://example.com/~user/cb;v=1"],
)  # fmt: skip
@pytest.mark.parametrize("type", [_WEB, _SPA, _NATIVE])
def test_https_and_http_on_loopback_are_fit(uri: str, type: ApplicationType) -> None:
    assert fit(uri, type) == uri


@pytest.mark.parametrize("uri", ["com.example.app:/callback", "com.example.app://callback"])
def test_a_private_use_scheme_with_a_dot_is_for_native_applications_alone(uri: str) -> None:
    assert fit(uri, _NATIVE) == uri
    for type in (_WEB, _SPA):
        with pytest.raises(UnfitRedirect):
            fit(uri, type)


ROW_1 = ["https://a.example/cb#", "https://a.example/cb#f", "https://u@a.example/cb", "https://u:p@a.example/cb"]
ROW_2 = ["https://a.example/../b", "https://a.example/%2e%2e/b", "https://a.example/a/..;/b", "https://a.example\\b",
         "https://a.example/a\tb", "https://a.example/a\r\nb", "https:///a.example", "https://*.example/cb",
         "https://a.example//evil.example", "https://a.example/%252e", "https://a.example/*"]  # fmt: skip
ROW_3 = ["https://a@b@evil.example/", "http://localhost:80@evil.example/", "http://127.0.0.1@x/",
         "http://[::ffff:127.0.0.1]/cb", "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/"]  # fmt: skip
ROW_6 = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "DATA:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "about:blank",
]
ROW_8 = ["https://a.example/cb?code=x", "https://a.example/cb?a=1&state=y", "https://a.example/cb?iss=z",
         "https://a.example/cb?error=z", "https://a.example/cb?%63ode=x", "https://a.example/cb?a;state=y"]  # fmt: skip
ELSE = ["", "/cb", "//a.example/cb", "a.example/cb", "http://a.example/cb", "http://10.0.0.1/cb", "https://",
        "https://a.example:0/",
        "https://a.example:99999/", "https://a_b.example/cb\0", "https://a.example/é", "https://-a.example/",
        "myapp:/cb",
        "https://a.example/" + "a" * 2000,
        "ftp://a.example/", "HTTPS://a.example/cb", "https://[::1/cb", "https://[zz]/"]  # fmt: skip


@pytest.mark.parametrize("uri", ROW_1 + ROW_2 + ROW_3 + ROW_6 + ROW_8 + ELSE)
@pytest.mark.parametrize("type", [_WEB, _SPA, _NATIVE])
def test_row_1_2_3_6_8_everything_that_has_gone_wrong_elsewhere_is_refused(uri: str, type: ApplicationType) -> None:
    with pytest.raises(UnfitRedirect):
        fit(uri, type)


@given(st.text(max_size=60), st.sampled_from(ApplicationType))
def test_row_10_no_text_whatever_makes_the_check_fail_otherwise(text: str, type: ApplicationType) -> None:
    for uri in (text, f"https://{text}", f"http://localhost{text}", f"com.example.app:{text}"):
        with suppress(UnfitRedirect):
            assert fit(uri, type) == uri
