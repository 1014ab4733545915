"""The guide to deployment: what it makes is what the files want, and what it copies is there."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from scopekeeper.settings import SETTINGS, PostgresDatabase, database_at
from tests.deploy.files import DEPLOY, assignments, documents
from tests.docs.newcomer import blocks, page
from tests.live import COMMAND

GUIDE: Final = page("docs/guides/deploy.md")
_, SYSTEMD, CONTAINER, COMPOSE, KUBERNETES = GUIDE.split("\n## ")


def test_the_secrets_that_it_makes_are_those_of_the_compose_file(tmp_path: Path) -> None:
    making, _ = blocks(COMPOSE, "sh")
    subprocess.run(["sh", "-euc", making], cwd=tmp_path, check=True)
    [compose] = documents((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
    made = {path.name: path.read_text().strip() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(compose["secrets"])
    database = database_at(made["database_url"])
    assert isinstance(database, PostgresDatabase)
    assert f":{made['database_password']}@database/scopekeeper" in made["database_url"]
    assert SETTINGS["master_key"].parse(made["master_key"])
    assert (tmp_path / ".env").read_text() == "SITE=id.example.com\n"
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_the_secret_that_it_makes_has_what_the_pods_read() -> None:
    [made] = re.findall(r"create secret generic (\S+) (.*)", KUBERNETES)
    [deployment] = documents((DEPLOY / "kubernetes" / "deployment.yaml").read_text(encoding="utf-8"))
    pod = deployment["spec"]["template"]["spec"]
    assert made[0] == pod["volumes"][0]["secret"]["secretName"]
    read = {Path(each["value"]).name for each in pod["containers"][0]["env"]}
    assert set(re.findall(r"--from-file=(\S+)", made[1])) == read


def test_what_it_installs_is_there_and_goes_where_the_unit_looks() -> None:
    installed = dict(re.findall(r"^install -D --mode 0644 (\S+) (\S+)$", SYSTEMD, re.MULTILINE))
    assert {DEPLOY.parent / name for name in installed} == set((DEPLOY / "systemd").iterdir())
    unit = assignments(DEPLOY / "systemd" / "scopekeeper.service")
    assert [installed["deploy/systemd/environment"]] == unit["EnvironmentFile"]
    made = set(re.findall(r"> (/etc/scopekeeper/\S+)", SYSTEMD))
    assert made == {each.partition(":")[2] for each in unit["LoadCredential"]}
    assert unit["ExecStart"][0].split()[0] in SYSTEMD


def test_its_command_line_has_what_the_service_has(tmp_path: Path) -> None:
    [defined] = [
        re.match(r"keeper\(\) \(\n.*?\n\)\n", block, re.DOTALL)
        for block in blocks(SYSTEMD, "sh")
        if "keeper()" in block
    ]
    assert defined is not None
    shutil.copy(DEPLOY / "systemd" / "environment", tmp_path)
    (tmp_path / "database").write_text(f"sqlite:///{tmp_path}/it.db\n")
    (tmp_path / "master.key").write_text("k" * 44)
    typed = (
        defined[0]
        .replace("/etc/scopekeeper", str(tmp_path))
        .replace("/opt/scopekeeper/bin/scopekeeper", " ".join(COMMAND))
    )
    done = subprocess.run(["sh", "-euc", f"{typed}\nkeeper migrate"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "it.db").is_file()
