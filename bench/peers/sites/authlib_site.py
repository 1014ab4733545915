"""Authlib on Flask with SQLite through SQLAlchemy, as its documentation has it.

`gunicorn authlib_site:app` serves it. `python authlib_site.py prepare` makes the tables and an application, and
`python authlib_site.py refresh-tokens|codes N` makes so many; each line printed is one of them.
"""

import os
import secrets
import sys
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.sqla_oauth2 import (
    OAuth2AuthorizationCodeMixin,
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_query_client_func,
    create_query_token_func,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

CLIENT_ID, SCOPE, REDIRECT = (os.environ[name] for name in ("CLIENT_ID", "SCOPE", "REDIRECT"))
DAY = 86_400

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.abspath("authlib.db")
app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(40), unique=True)

    def get_user_id(self) -> int:
        return self.id


class Client(db.Model, OAuth2ClientMixin):
    __tablename__ = "oauth2_client"
    id = db.Column(db.Integer, primary_key=True)


class Code(db.Model, OAuth2AuthorizationCodeMixin):
    __tablename__ = "oauth2_code"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id", ondelete="CASCADE"))


class Token(db.Model, OAuth2TokenMixin):
    __tablename__ = "oauth2_token"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id", ondelete="CASCADE"))

    def is_refresh_token_active(self) -> bool:
        return not self.is_revoked() and self.issued_at + DAY > time.time()


class CodeGrant(grants.AuthorizationCodeGrant):
    def query_authorization_code(self, code, client):
        found = Code.query.filter_by(code=code, client_id=client.client_id).first()
        return found if found and not found.is_expired() else None

    def delete_authorization_code(self, authorization_code):
        db.session.delete(authorization_code)
        db.session.commit()

    def authenticate_user(self, authorization_code):
        return db.session.get(User, authorization_code.user_id)


class RefreshGrant(grants.RefreshTokenGrant):
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        token = Token.query.filter_by(refresh_token=refresh_token).first()
        return token if token and token.is_refresh_token_active() else None

    def authenticate_user(self, refresh_token):
        return db.session.get(User, refresh_token.user_id)

    def revoke_old_credential(self, refresh_token):
        refresh_token.refresh_token_revoked_at = time.time()
        db.session.add(refresh_token)
        db.session.commit()


class Introspection(IntrospectionEndpoint):
    def query_token(self, token_string, token_type_hint):
        return create_query_token_func(db.session, Token)(token_string, token_type_hint)

    def check_permission(self, token, client, request):
        return True

    def introspect_token(self, token):
        return {
            "active": not token.is_expired() and not token.is_revoked(),
            "client_id": token.client_id,
            "token_type": token.token_type,
            "scope": token.get_scope(),
            "exp": token.issued_at + token.expires_in,
            "iat": token.issued_at,
        }


server = AuthorizationServer(
    app,
    query_client=create_query_client_func(db.session, Client),
    save_token=create_save_token_func(db.session, Token),
)
server.register_grant(grants.ClientCredentialsGrant)
server.register_grant(CodeGrant, [CodeChallenge(required=True)])
server.register_grant(RefreshGrant)
server.register_endpoint(Introspection)


@app.post("/oauth/token")
def token():
    return server.create_token_response()


@app.post("/oauth/introspect")
def introspect():
    return server.create_endpoint_response(Introspection.ENDPOINT_NAME)


def prepare() -> list[str]:
    """The tables, a person and an application."""
    db.create_all()
    client = Client(client_id=CLIENT_ID, client_secret=os.environ["CLIENT_SECRET"])
    client.set_client_metadata(
        {
            "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
            "response_types": ["code"],
            "redirect_uris": [REDIRECT],
            "scope": SCOPE,
            "token_endpoint_auth_method": "client_secret_basic",
        }
    )
    db.session.add_all([User(id=1, username="somebody"), client])
    db.session.commit()
    return []


def refresh_tokens(number: str) -> list[str]:
    """Refresh tokens that a person granted, each with its access token."""
    every = {"client_id": CLIENT_ID, "user_id": 1, "token_type": "Bearer", "scope": SCOPE, "expires_in": DAY}
    made = [secrets.token_urlsafe(36) for _ in range(int(number))]
    db.session.add_all(Token(access_token=secrets.token_urlsafe(32), refresh_token=each, **every) for each in made)
    db.session.commit()
    return made


def codes(number: str) -> list[str]:
    """Codes that a person granted."""
    challenge = {"code_challenge": os.environ["CHALLENGE"], "code_challenge_method": "S256"}
    every = {"client_id": CLIENT_ID, "user_id": 1, "redirect_uri": REDIRECT, "scope": SCOPE, **challenge}
    made = [secrets.token_urlsafe(36) for _ in range(int(number))]
    db.session.add_all(Code(code=each, response_type="code", **every) for each in made)
    db.session.commit()
    return made


if __name__ == "__main__":
    works = {"prepare": prepare, "refresh-tokens": refresh_tokens, "codes": codes}
    with app.app_context():
        print("\n".join(works[sys.argv[1]](*sys.argv[2:])))
