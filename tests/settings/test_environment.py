"""What is in the environment besides: mistakes are pointed out, what Kubernetes puts there is not."""

from pathlib import Path

from scopekeeper.settings import Settings
from scopekeeper.settings.read import Here, read

HERE = Here(Path("/here"), Path("/home/ada"), "linux")
MASTER_KEY = "K3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yA"


def settings_of(environ: dict[str, str]) -> Settings:
    return read({}, environ, None, HERE, lambda path: path.name)


def test_an_unknown_variable_is_a_warning_that_names_the_nearest() -> None:
    settings = settings_of({"SCOPEKEEPER_ISUER": "https://a.example", "SCOPEKEEPER_ZZZ": "1", "PORT": "1"})
    assert settings.warnings == (
        "SCOPEKEEPER_ISUER is no setting and has no effect: did you mean SCOPEKEEPER_ISSUER?",
        "SCOPEKEEPER_ZZZ is no setting and has no effect",
    )


def test_a_warning_does_not_show_the_value() -> None:
    assert "hunter2" not in settings_of({"SCOPEKEEPER_MASTERKEY": "hunter2"}).warnings[0]


def test_the_variables_of_a_kubernetes_service_are_ignored() -> None:
    settings = settings_of(
        {
            "SCOPEKEEPER_PORT": "tcp://10.96.0.7:8000",
            "SCOPEKEEPER_SERVICE_HOST": "10.96.0.7",
            "SCOPEKEEPER_SERVICE_PORT": "8000",
            "SCOPEKEEPER_SERVICE_PORT_HTTP": "8000",
            "SCOPEKEEPER_PORT_8000_TCP": "tcp://10.96.0.7:8000",
            "SCOPEKEEPER_PORT_8000_TCP_PROTO": "tcp",
            "SCOPEKEEPER_PORT_8000_TCP_PORT": "8000",
            "SCOPEKEEPER_PORT_8000_TCP_ADDR": "10.96.0.7",
            "SCOPEKEEPER_WEB_PORT": "udp://10.96.0.8:53",
            "SCOPEKEEPER_WEB_SERVICE_HOST": "10.96.0.8",
        }
    )
    assert settings.port == 8000
    assert settings.warnings == ()


def test_the_master_key_is_never_in_the_repr() -> None:
    settings = settings_of({"SCOPEKEEPER_MASTER_KEY": MASTER_KEY})
    assert settings.master_key == MASTER_KEY
    assert MASTER_KEY not in repr(settings)
