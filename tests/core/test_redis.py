"""Cache and queue on Redis, by `REDIS_URL` alone."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from brokerage.drivewealth.tokens import Minted, TokenStore
from demo.processes import free_port
from tests.cast import Family, make_family
from tests.machines.workers import Worker, environment, until
from tests.money import auditor
from tests.stage import Stage

pytestmark = pytest.mark.redis
ROOT = Path(__file__).parents[2]


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of one's own."""
    port = free_port(0)
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    server = subprocess.Popen([*command, str(tmp_path)], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    for _try in range(100):
        with suppress(redis.ConnectionError):
            client.ping()
            break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    client.close()
    server.terminate()
    server.wait(10)


def test_the_vendor_token_is_shared_through_redis(redis_url: str, settings: Any, db: None) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
        }
    }
    mints: list[int] = []

    def mint() -> Minted:
        mints.append(1)
        return Minted("a-token-of-the-vendor", 3600)

    first, second = TokenStore("test", mint), TokenStore("test", mint)

    assert first.get() == second.get() == "a-token-of-the-vendor"
    assert len(mints) == 1
    client = redis.Redis.from_url(redis_url)
    assert b"a-token-of-the-vendor" not in b"".join(
        client.dump(key) or b"" for key in client.scan_iter()
    )
    client.close()


def test_a_worker_takes_its_tasks_from_redis(redis_url: str, transactional_db: None) -> None:
    from django.db import connection

    from core.models import Heartbeat

    parameters = connection.get_connection_params()
    address = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    environment = os.environ | {"REDIS_URL": redis_url, "DATABASE_URL": address}
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 25
        while time.monotonic() < deadline and not Heartbeat.objects.filter(name="queue").exists():
            time.sleep(0.2)
    finally:
        worker.terminate()
        worker.wait(35)

    assert Heartbeat.objects.filter(name="queue").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_q_ormq")
        assert cursor.fetchone()[0] == 0


@pytest.mark.slow
def test_a_whole_purchase_runs_with_cache_and_queue_on_redis(
    redis_url: str, live_stage: Stage, settings: Any, tmp_path: Path
) -> None:
    family = make_family(live_stage, "custodian@family.example")
    gift = family.give()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
        }
    }
    settings.REDIS_URL = redis_url
    started_with = environment(live_stage, REDIS_URL=redis_url, POLL_SECONDS="1", SWEEP_SECONDS="2")
    worker = Worker(tmp_path / "worker.log", started_with)
    try:
        family.approve(gift)
        until(lambda: live_stage.state()["deposits"], worker, seconds=40)
        live_stage.settle_ach()
        until(lambda: _is_bought(family), worker, seconds=60)
    finally:
        worker.process.terminate()
        worker.process.wait(40)
        worker.end()

    auditor.check_bought_once(family, gift)
    client = redis.Redis.from_url(redis_url)
    assert any(b"held-token" in key for key in client.scan_iter())
    client.close()


def _is_bought(family: Family) -> bool:
    family.stage.advance(5)
    purchase = family.account.purchases.get()
    checked = family.account.checked_at
    return bool(purchase.ended_at and checked and checked > purchase.ended_at)
