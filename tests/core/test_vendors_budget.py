"""How long a web request waits for vendors, and how many wait at once."""

from contextlib import ExitStack
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from core.vendors import Unavailable, budget


def in_request(look: Any) -> Any:
    """Return what `look` finds inside a web request."""
    found: list[Any] = []

    def view(_request: HttpRequest) -> HttpResponse:
        found.append(look())
        return HttpResponse()

    budget.Budget(view)(HttpRequest())
    return found[0]


def test_a_worker_waits_as_long_as_the_settings_say(settings: Any) -> None:
    settings.VENDOR_TIMEOUT = (3, 20)

    assert budget.timeouts() == (3, 20)
    assert budget.left() is None


@pytest.mark.parametrize(
    ("seconds", "kept", "told"),
    [(8, (3, 20), (3, 8)), (8, (1, 0.5), (1, 0.5)), (2, (3, 20), (2, 2))],
)
def test_a_request_waits_no_longer_than_its_time_and_never_longer_than_a_worker(
    settings: Any, seconds: float, kept: tuple[float, float], told: tuple[float, float]
) -> None:
    settings.WEB_VENDOR_SECONDS, settings.VENDOR_TIMEOUT = seconds, kept

    assert in_request(budget.timeouts) == pytest.approx(told, abs=0.1)


def test_without_time_nothing_is_begun(settings: Any) -> None:
    settings.WEB_VENDOR_SECONDS = 0.1

    def call() -> Unavailable:
        with pytest.raises(Unavailable) as refused, budget.seated("slow"):
            pass
        return refused.value

    error = in_request(call)
    assert not error.sent
    assert error.retry_after


def test_only_so_many_requests_wait_at_one_vendor(settings: Any) -> None:
    settings.WEB_THREADS = 8

    def call() -> int:
        with ExitStack() as seats:
            for _seat in range(2):
                seats.enter_context(budget.seated("crowded"))
            with pytest.raises(Unavailable, match="too many"), budget.seated("crowded"):
                pass
            with budget.seated("another"):
                pass
        with budget.seated("crowded"):
            return 1

    assert in_request(call) == 1
