"""One table is locked, one vendor hangs, the database goes away: the rest of the site stays up."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import reverse

from tests.cast import Family
from tests.machines.server import Server
from tests.machines.site import Site
from tests.machines.workers import Worker, environment, until, url_of_test_database

THREADS = 8


class Visitor:
    """A browser of the signed-in parent, which may open many pages at once."""

    def __init__(self, site: Site, family: Family) -> None:
        client = Client()
        client.force_login(family.parent.user)
        self.site = site
        self.cookies = {django_settings.SESSION_COOKIE_NAME: client.session.session_key or ""}

    def get(self, path: str) -> requests.Response:
        return requests.get(
            self.site.address + path, cookies=self.cookies, timeout=60, allow_redirects=False
        )

    def crowd(self, path: str, number: int) -> list[requests.Response]:
        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(self.get, [path] * number))


@pytest.fixture
def site(live_family: Family, tmp_path: Path) -> Iterator[Site]:
    site = Site(environment(live_family.stage, WEB_THREADS=str(THREADS)), tmp_path / "site.log")
    site.wait()
    yield site
    site.kill()


@pytest.fixture
def visitor(site: Site, live_family: Family) -> Visitor:
    return Visitor(site, live_family)


def beside(crowd: Callable[[], list[requests.Response]], look: Callable[[], Any]) -> Any:
    """Let a crowd come, and look meanwhile; return what the crowd got and what was seen."""
    answers: list[requests.Response] = []
    thread = threading.Thread(target=lambda: answers.extend(crowd()))
    thread.start()
    seen = []
    while thread.is_alive():
        seen.append(look())
    thread.join()
    return answers, seen


def is_serving(site: Site) -> bool:
    """Say whether what needs no table is served at once."""
    paths = ("/healthz", "/healthy", "/static/css/base.css")
    return all(requests.get(site.address + path, timeout=2).ok for path in paths)


def test_a_locked_table_costs_its_own_pages_a_moment_and_nobody_else_anything(
    site: Site, visitor: Visitor, live_family: Family
) -> None:
    assert visitor.get("/home/").status_code == 200
    with psycopg.connect(url_of_test_database()) as holder:
        holder.execute("LOCK TABLE accounts_child IN ACCESS EXCLUSIVE MODE")
        answers, seen = beside(lambda: visitor.crowd("/home/", 24), lambda: is_serving(site))

    assert seen
    assert all(seen)
    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert all("One moment, please" in answer.text for answer in answers)
    assert visitor.get("/home/").status_code == 200
    log = site.log.read_text()
    assert "lock_timeout" in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_a_locked_table_is_told_to_programs_as_a_problem(site: Site, live_family: Family) -> None:
    with psycopg.connect(url_of_test_database()) as holder:
        holder.execute("LOCK TABLE tenants_apikey IN ACCESS EXCLUSIVE MODE")
        answer = requests.get(
            f"{site.address}/api/v1/customers",
            headers={"Authorization": f"Bearer ssk_test_{'a' * 43}"},
            timeout=30,
        )

    assert answer.status_code in {401, 503}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.slow
def test_a_vendor_that_hangs_holds_a_few_threads_and_each_for_seconds(
    site: Site, visitor: Visitor, live_family: Family
) -> None:
    live_family.stage.fault(method="GET", path="*/accounts/*", kind="delay", seconds=30, times=1000)
    wire = reverse("wire", args=[live_family.child.pk])

    def look() -> bool:
        return is_serving(site) and visitor.get("/home/").status_code == 200

    answers, seen = beside(lambda: visitor.crowd(wire, 16), look)

    assert seen
    assert all(seen)
    assert all("does not answer" in answer.text or answer.status_code == 503 for answer in answers)
    assert "Traceback" not in site.log.read_text()


def test_a_migration_behind_a_long_lock_gives_up_and_names_who_holds_it(
    live_family: Family,
) -> None:
    leaves = MigrationLoader(connection).graph
    (leaf,) = leaves.leaf_nodes("gifting")
    (before,) = [parent for parent in leaves.node_map[leaf].parents if parent.key[0] == "gifting"]
    with psycopg.connect(url_of_test_database(), application_name="nightly-report") as holder:
        for model in apps.get_app_config("gifting").get_models():
            holder.execute(f'LOCK TABLE "{model._meta.db_table}" IN ACCESS SHARE MODE')
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(CommandError, match=r"locked by somebody else[^$]*nightly-report"):
            call_command("migrate", *before.key, verbosity=0)

    assert not MigrationExecutor(connection).migration_plan([leaf])


@pytest.mark.slow
def test_a_database_that_is_away_is_told_in_the_faces_own_form_and_in_one_line(
    tmp_path: Path, live_family: Family
) -> None:
    server = Server(tmp_path / "postgres")
    address = server.make_database("away")
    site = Site(
        environment(live_family.stage, DATABASE_URL=address, WEB_THREADS=str(THREADS)),
        tmp_path / "site.log",
    )
    worker = Worker(tmp_path / "worker.log", environment(live_family.stage, DATABASE_URL=address))
    try:
        site.wait()
        until(worker.cluster, worker)
        time.sleep(2)  # it sweeps, its threads look, its queue is asked
        server.stop_at_once()
        before = site.log.read_text().count("\n")
        worked = worker.log.read_text().count("\n")
        page = requests.get(f"{site.address}/account/login/", timeout=20)
        api = requests.get(
            f"{site.address}/api/children", headers={"X-Session-Token": "a.b.c"}, timeout=20
        )
        tenant = requests.get(
            f"{site.address}/api/v1/customers",
            headers={"Authorization": f"Bearer ssk_test_{'a' * 43}"},
            timeout=20,
        )
        health = requests.get(f"{site.address}/healthy", timeout=20)
        lines = site.log.read_text().count("\n") - before
        alive = requests.get(f"{site.address}/healthz", timeout=20)
        time.sleep(5)
        worked = worker.log.read_text().count("\n") - worked
    finally:
        site.kill()
        worker.end()

    assert alive.ok
    for answer in (api, tenant, health):
        assert answer.status_code in {401, 503}, answer.text
    for answer in (page, health):
        if answer.status_code == 503:
            assert answer.headers["Retry-After"]
    assert health.status_code == 503
    assert "Traceback" not in site.log.read_text()
    assert lines <= 4
    assert "Traceback" not in worker.log.read_text()
    assert worked < 100
