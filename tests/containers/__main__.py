"""Builds and runs the services of an environment on this machine, with small applications of real packages.

    python -m tests.containers FOLDER

Needs bubblewrap, npm, PostgreSQL and Redis; as root. It prints what it proves.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.containers.image import Image, build
from tests.containers.pod import PodError, Running, run, running

OUT = ROOT / "out" / "prod"
APPS = Path(__file__).parent / "apps"
PASSWORD = "only-for-this-run"
POSTGRES, REDIS = 15432, 16379
SECRETS = {
    "database-url": f"postgresql://postgres:{PASSWORD}@127.0.0.1:{POSTGRES}/oet_praxis",
    "redis-url": f"redis://127.0.0.1:{REDIS}",
    "jwt-secret": "x",
    "huggingface-api-key": "x",
    "stripe-secret-key": "x",
}


def main() -> None:
    scratch = Path(sys.argv[1]).resolve()
    frontend(scratch / "frontend")
    backend(scratch / "backend")
    print("the images build, and the pods run as their manifests say")


def say(text: str) -> None:
    print(text, flush=True)


def objects(name: str) -> dict[str, Any]:
    """Return the objects of a manifest by kind."""
    text = (OUT / "k8s" / name).read_text("utf-8")
    return {each["kind"]: each for each in yaml.safe_load_all(text)}


def pod(name: str, kind: str) -> dict[str, Any]:
    spec: dict[str, Any] = objects(name)[kind]["spec"]["template"]["spec"]
    return spec


def images(service: str, scratch: Path, **args: str) -> dict[str, Image]:
    """Build the images of a service from its application."""
    context = scratch / "context"
    shutil.copytree(APPS / service, context)
    shutil.copytree(OUT / service, context, dirs_exist_ok=True)
    say(f"{service}: writing a lock file")
    command = ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=context, check=True)
    say(f"{service}: building every stage of its Dockerfile")
    return build(OUT / service, context, scratch / "stages", {"APP_VERSION": "1.2.3", **args})


def frontend(scratch: Path) -> None:
    """Prove that Next.js starts in time, and renders a page again without an error."""
    built = images("frontend", scratch, NEXT_PUBLIC_API_URL="https://api.example.com")
    with running(pod("frontend-deployment.yaml", "Deployment"), built["runner"], {}, scratch) as server:
        say(f"frontend: ready after {server.wait('startupProbe'):.1f} s")
        server.wait("readinessProbe")
        first = _rendered(server)
        assert "https://api.example.com" in server.get("/")[1]
        deadline = time.monotonic() + 30
        while _rendered(server) == first:
            assert time.monotonic() < deadline, f"the page is never rendered again:\n{server.text}"
            time.sleep(0.5)
        files = list((scratch / "volumes/next/.next/server/app").glob("index.*"))
        assert str(_rendered(server)) and files, "no page was written"
        time.sleep(2)
        wrong = re.findall(r".*(?:EROFS|EACCES|EPERM|rror).*", server.text)
        assert not wrong, wrong
        say("frontend: the page is rendered again and written, and nothing is logged as an error")


def _rendered(server: Running) -> int:
    status, body = server.get("/")
    found = re.search(r"rendered at (?:<!-- -->)?(\d+)", body)
    assert status == 200 and found, body
    return int(found[1])


def backend(scratch: Path) -> None:
    """Prove that /ready follows the database and the cache, and shows nobody what is wrong with them."""
    with ExitStack() as stack:
        stores = Stores(scratch / "stores")
        # The image trusts the certificate of this database as it does those of Amazon RDS
        built = images("backend", scratch, download=str(stores.certificate))
        stack.callback(stores.stop)
        stores.start_postgres()
        stores.start_redis()
        migration = pod("backend-migration.yaml", "Job")
        for _ in range(2):
            shutil.rmtree(scratch / "migration", ignore_errors=True)
            run(migration, built["builder"], SECRETS, scratch / "migration")
        say("backend: the migration runs, and runs again")
        server = stack.enter_context(
            running(pod("backend-deployment.yaml", "Deployment"), built["runner"], SECRETS, scratch)
        )
        say(f"backend: started after {server.wait('startupProbe'):.1f} s")
        say(f"backend: ready after {server.wait('readinessProbe'):.1f} s")
        assert '"version":"1.2.3"' in server.get("/health")[1]
        for what, stop, start in (
            ("the cache", stores.stop_redis, stores.start_redis),
            ("the database", stores.stop_postgres, stores.start_postgres),
        ):
            stop()
            server.wait("readinessProbe", 503)
            status, body = server.get("/ready")
            assert status == 503
            leak = re.search(
                rf"{PASSWORD}|127\.0\.0\.1|ECONN|connect|postgres|redis:|{POSTGRES}|{REDIS}", body
            )
            assert not leak, body
            assert server.get("/health")[0] == 200, f"without {what}, it would be restarted"
            start()
            server.wait("readinessProbe")
            say(f"backend: not ready without {what}, alive, ready again; the answer was {body}")
    say("backend: stops on SIGTERM")


class Stores:
    """PostgreSQL and Redis, each in a folder, as a user of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._data = folder / "postgres"
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self._log = (folder / "log").open("wb")
        for path in (folder, *folder.parents):
            if path.stat().st_uid == 0 and path != Path("/") and path.is_relative_to("/tmp"):
                path.chmod(path.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres", "postgres")
        words = folder / "password"
        words.write_text(PASSWORD, "utf-8")
        words.chmod(0o644)
        self.certificate, key = folder / "server.crt", folder / "server.key"
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        request += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        request += ["-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run(request, check=True, capture_output=True)
        shutil.chown(key, "postgres", "postgres")
        self._as_postgres(
            "initdb", "--pgdata", str(self._data), "--username", "postgres", "--pwfile", str(words)
        )
        config = f"port = {POSTGRES}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
        config += f"ssl = on\nssl_cert_file = '{self.certificate}'\nssl_key_file = '{key}'\n"
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(config)
        self.start_postgres()
        url = SECRETS["database-url"].replace("/oet_praxis", "/postgres")
        subprocess.run(["psql", url, "--quiet", "-c", "CREATE DATABASE oet_praxis"], check=True)
        self.stop_postgres()

    def _as_postgres(self, *words: str) -> None:
        subprocess.run(
            ["setpriv", *_POSTGRES_USER, program(words[0]), *words[1:]], check=True, stdout=self._log
        )

    def start_postgres(self) -> None:
        command = ["setpriv", *_POSTGRES_USER, program("postgres"), "-D", str(self._data)]
        self._start("postgres", command, ["pg_isready", "--host", "127.0.0.1", "--port", str(POSTGRES)])

    def start_redis(self) -> None:
        command = ["redis-server", "--port", str(REDIS), "--bind", "127.0.0.1", "--save", ""]
        self._start("redis", command, ["redis-cli", "-p", str(REDIS), "ping"])

    def _start(self, name: str, command: list[str], ready: list[str]) -> None:
        self._servers[name] = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        for _ in range(150):
            if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.2)
        raise PodError(f"{name} does not start")

    def stop_postgres(self) -> None:
        self._stop("postgres")

    def stop_redis(self) -> None:
        self._stop("redis")

    def _stop(self, name: str) -> None:
        server = self._servers.pop(name, None)
        if server:
            server.send_signal(2)
            server.wait(30)

    def stop(self) -> None:
        for name in list(self._servers):
            self._stop(name)
        self._log.close()


_POSTGRES_USER = ("--reuid=postgres", "--regid=postgres", "--clear-groups")


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL, which Debian keeps out of PATH."""
    found = shutil.which(name) or next(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    assert found, f"{name} is not installed"
    return found


if __name__ == "__main__":
    main()
