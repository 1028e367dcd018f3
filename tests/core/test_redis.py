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
