"""What Kubernetes is given: it renders, nothing in it has more rights than it needs, and every name leads somewhere."""

import subprocess
from collections.abc import Iterator
from typing import Any, Final

import pytest

from scopekeeper.app import serving
from tests.deploy.container import stages
from tests.deploy.files import DEPLOY, VARIABLES, documents, tool

FOLDER: Final = DEPLOY / "kubernetes"

Rendered = dict[tuple[str, str], dict[str, Any]]
"""By kind and name."""


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    """All that `kubectl apply --kustomize` would send."""
    command = [tool("kubectl"), "kustomize", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {(each["kind"], each["metadata"]["name"]): each for each in documents(done.stdout)}


def pods(rendered: Rendered) -> Iterator[dict[str, Any]]:
    """The pods of what makes pods."""
    yield rendered["Deployment", "scopekeeper"]["spec"]["template"]
    yield rendered["Job", "scopekeeper-migrate"]["spec"]["template"]


def server(rendered: Rendered) -> dict[str, Any]:
    """The pod that serves."""
    pod: dict[str, Any] = rendered["Deployment", "scopekeeper"]["spec"]["template"]["spec"]
    return pod


def containers(rendered: Rendered) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every container, and the pod that it is in."""
    for pod in pods(rendered):
        [container] = pod["spec"]["containers"]
        yield pod["spec"], container


def test_every_file_is_named_and_no_secret_is_kept(rendered: Rendered) -> None:
    [kustomization] = documents((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
    assert set(kustomization["resources"]) == {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert "Secret" not in {kind for kind, _ in rendered}


def test_pods_have_no_more_rights_than_the_restricted_profile_gives(rendered: Rendered) -> None:
    [namespace] = [each for (kind, _), each in rendered.items() if kind == "Namespace"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    [user] = [each.rest for each in stages()[-1] if each.word == "USER"]
    for pod, container in containers(rendered):
        rights = pod["securityContext"]
        assert rights["runAsNonRoot"] is True
        assert f"{rights['runAsUser']}:{rights['runAsGroup']}" == user
        assert rights["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_nothing_that_kubernetes_sets_by_itself_can_be_taken_for_a_setting(rendered: Rendered) -> None:
    assert [pod["enableServiceLinks"] for pod, _ in containers(rendered)] == [False, False]


def test_whatever_it_sets_is_a_setting_and_every_secret_is_a_file_of_the_secret(rendered: Rendered) -> None:
    for pod, container in containers(rendered):
        [config] = container["envFrom"]
        told = rendered["ConfigMap", config["configMapRef"]["name"]]["data"]
        own = {each["name"]: each["value"] for each in container["env"]}
        assert set(told) | set(own) <= VARIABLES
        mounted = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
        volumes = {each["name"]: each for each in pod["volumes"]}
        assert set(mounted.values()) == set(volumes)
        secrets = "/run/secrets/scopekeeper"
        assert volumes[mounted[secrets]]["secret"] == {"secretName": "scopekeeper", "defaultMode": 0o440}
        assert own == {
            "SCOPEKEEPER_DATABASE_FILE": f"{secrets}/database",
            "SCOPEKEEPER_MASTER_KEY_FILE": f"{secrets}/master.key",
        }


def test_whatever_selects_the_server_selects_it_and_nothing_but_it(rendered: Rendered) -> None:
    serving_pod, migrating_pod = (pod["metadata"]["labels"].items() for pod in pods(rendered))
    spread = server(rendered)["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]
    selectors = [
        rendered["Deployment", "scopekeeper"]["spec"]["selector"]["matchLabels"],
        rendered["Service", "scopekeeper"]["spec"]["selector"],
        rendered["PodDisruptionBudget", "scopekeeper"]["spec"]["selector"]["matchLabels"],
        rendered["NetworkPolicy", "scopekeeper"]["spec"]["podSelector"]["matchLabels"],
        spread,
    ]
    for selector in selectors:
        assert selector.items() <= serving_pod
        assert not selector.items() <= migrating_pod
    outward = rendered["NetworkPolicy", "scopekeeper-outward"]["spec"]["podSelector"]["matchLabels"].items()
    assert outward <= serving_pod
    assert outward <= migrating_pod


def test_one_goes_while_the_other_serves(rendered: Rendered) -> None:
    deployment = rendered["Deployment", "scopekeeper"]["spec"]
    assert deployment["replicas"] == 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert rendered["PodDisruptionBudget", "scopekeeper"]["spec"]["minAvailable"] == 1


def test_a_pod_is_waited_for_as_long_as_the_server_takes_to_drain(rendered: Rendered) -> None:
    pod = server(rendered)
    [container] = pod["containers"]
    program, seconds = container["lifecycle"]["preStop"]["exec"]["command"]
    assert program == "sleep"
    assert pod["terminationGracePeriodSeconds"] > int(seconds) + serving._LONGEST


def test_only_a_process_that_is_gone_is_started_anew_and_only_one_that_can_work_is_asked(rendered: Rendered) -> None:
    [container] = server(rendered)["containers"]
    asked = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {name: each["path"] for name, each in asked.items()} == {
        "startup": "/health/live",
        "liveness": "/health/live",
        "readiness": "/health/ready",
    }
    assert {each["port"] for each in asked.values()} == {port["name"] for port in container["ports"]} == {"http"}


def test_what_comes_in_reaches_the_server_and_not_what_is_for_those_inside(rendered: Rendered) -> None:
    [rule] = rendered["Ingress", "scopekeeper"]["spec"]["rules"]
    assert rule["host"] in rendered["Ingress", "scopekeeper"]["spec"]["tls"][0]["hosts"]
    to = {each["path"]: each["backend"]["service"] for each in rule["http"]["paths"]}
    assert {path: service["name"] for path, service in to.items()} == {
        "/": "scopekeeper",
        "/health": "nobody",
        "/metrics": "nobody",
    }
    for service in to.values():
        ports = rendered["Service", service["name"]]["spec"]["ports"]
        assert service["port"]["name"] in {port["name"] for port in ports}
    assert rendered["Service", "scopekeeper"]["spec"]["ports"][0]["targetPort"] == "http"
    assert "selector" not in rendered["Service", "nobody"]["spec"]


def test_the_issuer_is_where_the_ingress_is(rendered: Rendered) -> None:
    [config] = [each for (kind, _), each in rendered.items() if kind == "ConfigMap"]
    [rule] = rendered["Ingress", "scopekeeper"]["spec"]["rules"]
    assert config["data"]["SCOPEKEEPER_ISSUER"] == f"https://{rule['host']}"
