"""The compose file: what runs where, with what rights, and who reaches whom."""

import ipaddress
from typing import Any, Final

import pytest

from scopekeeper.app import serving
from tests.deploy.container import stages
from tests.deploy.files import DEPLOY, VARIABLES, documents

FOLDER: Final = DEPLOY / "compose"
[COMPOSE] = documents((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_locked_up(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_scopekeeper_has_no_capability_and_is_the_images_user() -> None:
    [user] = [each.rest for each in stages()[-1] if each.word == "USER"]
    for name in ("migrate", "scopekeeper"):
        assert (SERVICES[name]["user"], SERVICES[name].get("cap_add")) == (user, None)


def test_every_secret_is_a_file_that_git_does_not_keep() -> None:
    assert "/secrets/" in (FOLDER / ".gitignore").read_text(encoding="utf-8").splitlines()
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if value.startswith("/run/secrets/"):
                assert variable.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]
            assert not any(word in variable for word in ("PASSWORD", "MASTER_KEY", "DATABASE")) or "_FILE" in variable


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {"caddy"}
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert "inside" not in SERVICES["caddy"]["networks"]


def test_the_proxys_address_alone_is_believed_and_is_given_to_nobody_else() -> None:
    believed = ipaddress.ip_address(SERVICES["scopekeeper"]["environment"]["SCOPEKEEPER_TRUSTED_PROXIES"])
    assert SERVICES["caddy"]["networks"]["outside"]["ipv4_address"] == str(believed)
    [given] = COMPOSE["networks"]["outside"]["ipam"]["config"]
    assert believed in ipaddress.ip_network(given["subnet"])
    assert believed not in ipaddress.ip_network(given["ip_range"])


def test_each_waits_until_what_it_needs_is_there() -> None:
    waits = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    healthy, done = {"condition": "service_healthy"}, {"condition": "service_completed_successfully"}
    assert waits["migrate"] == {"database": healthy}
    assert waits["scopekeeper"] == {"database": healthy, "migrate": done}
    assert waits["caddy"] == {"scopekeeper": healthy}
    assert SERVICES["database"]["healthcheck"]["test"][0] == "CMD"


def test_whatever_scopekeeper_is_told_is_a_setting() -> None:
    assert set(SERVICES["scopekeeper"]["environment"]) <= VARIABLES


def test_the_caddyfile_is_the_one_that_is_tested_and_knows_what_it_is_told() -> None:
    caddyfile = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    assert "../caddy/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["caddy"]["volumes"]
    assert all(f"{{${name}:" in caddyfile for name in SERVICES["caddy"]["environment"])


def test_it_waits_for_as_long_as_the_server_takes_to_drain() -> None:
    assert int(SERVICES["scopekeeper"]["stop_grace_period"].removesuffix("s")) > serving._LONGEST


def test_volumes_and_networks_that_are_named_are_there() -> None:
    for service in SERVICES.values():
        mounted = {each.split(":")[0] for each in service.get("volumes", ())}
        assert {name for name in mounted if not name.startswith(".")} <= set(COMPOSE["volumes"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])
