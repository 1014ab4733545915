"""django-oauth-toolkit as its tutorial sets it up: a new Django project with PostgreSQL, in one file.

`gunicorn toolkit:application` serves it. `python toolkit.py prepare yes|no` makes the tables and the applications,
with hashed secrets or without, and `python toolkit.py refresh-tokens|codes N` makes so many, and prints one a line.
"""

import os
import secrets
import sys
from datetime import timedelta

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

settings.configure(
    SECRET_KEY="a key that is for the bench alone",
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="toolkit_urls",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "oauth2_provider",
    ],
    MIDDLEWARE=[  # what `startproject` begins with
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "USER": os.environ["PGUSER"],
            "HOST": os.environ["PGHOST"],
            "CONN_MAX_AGE": None,  # persistent: else each request would open a connection of its own
        }
    },
    OAUTH2_PROVIDER={
        "SCOPES": {os.environ["SCOPE"]: "as the bench asks for", "introspection": "to introspect tokens"},
        "DEFAULT_SCOPES": [os.environ["SCOPE"]],
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
application = get_wsgi_application()

CLIENT_ID, SECRET, SCOPE = (os.environ[name] for name in ("CLIENT_ID", "CLIENT_SECRET", "SCOPE"))
WEB = CLIENT_ID + "-web"


def prepare(hashed: str) -> list[str]:
    """The tables, a person, and an application for each of the two ways to tokens."""
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    user = User.objects.create_user("somebody")
    for client_id, grant in ((CLIENT_ID, "client-credentials"), (WEB, "authorization-code")):
        Application.objects.create(
            client_id=client_id,
            client_secret=SECRET,
            hash_client_secret=hashed == "yes",
            client_type="confidential",
            authorization_grant_type=grant,
            redirect_uris=os.environ["REDIRECT"],
            skip_authorization=True,
            user=user,
        )
    return []


def refresh_tokens(number: str) -> list[str]:
    """Refresh tokens that a person granted, each with its access token."""
    from oauth2_provider.models import AccessToken, RefreshToken

    every = _everyones()
    access = AccessToken.objects.bulk_create(
        AccessToken(token=secrets.token_urlsafe(24), **every) for _ in range(int(number))
    )
    owner = {"user": every["user"], "application": every["application"]}
    made = RefreshToken.objects.bulk_create(
        RefreshToken(token=secrets.token_urlsafe(24), access_token=each, **owner) for each in access
    )
    return [each.token for each in made]


def codes(number: str) -> list[str]:
    """Codes that a person granted."""
    from oauth2_provider.models import Grant

    challenge = {"code_challenge": os.environ["CHALLENGE"], "code_challenge_method": "S256"}
    every = _everyones() | challenge | {"redirect_uri": os.environ["REDIRECT"]}
    made = Grant.objects.bulk_create(Grant(code=secrets.token_urlsafe(24), **every) for _ in range(int(number)))
    return [each.code for each in made]


def _everyones() -> dict:
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    return {
        "user": User.objects.get(username="somebody"),
        "application": Application.objects.get(client_id=WEB),
        "expires": timezone.now() + timedelta(days=1),
        "scope": SCOPE,
    }


if __name__ == "__main__":
    django.setup()
    works = {"prepare": prepare, "refresh-tokens": refresh_tokens, "codes": codes}
    print("\n".join(works[sys.argv[1]](sys.argv[2])))
