"""Lists are read to their end, however a vendor cuts them into pages; half of one is no answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brokerage.drivewealth.pages import read_payments, read_period
from core.vendors import Unavailable

START = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
END = START + timedelta(days=30)
Fetch = Callable[[dict[str, str]], list[Any]]


def payments(count: int) -> list[Any]:
    return [{"id": f"D-{number}"} for number in range(count)]


def by_last_id(rows: list[Any], most: int = 100) -> Fetch:
    def fetch(params: dict[str, str]) -> list[Any]:
        ids = [row["id"] for row in rows]
        start = ids.index(params["offset"]) + 1 if "offset" in params else 0
        return rows[start : start + min(int(params["limit"]), most)]

    return fetch


@pytest.mark.parametrize("count", [0, 1, 24, 25, 28, 99, 100, 101, 250])
@pytest.mark.parametrize("most", [25, 40, 100])
def test_payments_come_whole_whatever_a_page_holds(count: int, most: int) -> None:
    rows = payments(count)

    assert read_payments(by_last_id(rows, most), names=("id",)) == rows


def test_payments_of_a_vendor_without_pages_come_once() -> None:
    rows = payments(250)

    assert read_payments(lambda _params: rows, names=("id",)) == rows


def test_a_page_of_payments_that_never_turns_is_no_answer() -> None:
    rows = payments(100)

    with pytest.raises(Unavailable):
        read_payments(lambda _params: rows, names=("id",))


def entries(count: int, a_moment: int) -> list[Any]:
    """Return rows of which so many share each millisecond."""
    return [
        {"id": str(number), "at": (START + timedelta(milliseconds=number // a_moment)).isoformat()}
        for number in range(count)
    ]


def by_moment(rows: list[Any], *, repeats: bool, most: int = 10**6) -> Fetch:
    """Page forward as documented; `repeats`: the rows at the offset come again."""

    def fetch(params: dict[str, str]) -> list[Any]:
        assert params["direction"] == "next"
        kept = rows
        if "offset" in params:
            offset = datetime.fromisoformat(params["offset"])
            kept = [row for row in rows if (at := datetime.fromisoformat(row["at"])) > offset
                    or (repeats and at == offset)]  # fmt: skip
        return kept[: min(int(params["limit"]), most)]

    return fetch


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize(
    ("count", "a_moment"), [(0, 1), (3, 1), (500, 1), (501, 7), (1200, 3), (1700, 600), (900, 900)]
)
def test_a_period_comes_whole_also_where_rows_share_a_moment(
    count: int, a_moment: int, repeats: bool
) -> None:
    rows = entries(count, a_moment)
    fetch = by_moment(rows, repeats=repeats)

    found = read_period(fetch, names=("id",), moments=("at",), since=START, until=END)

    assert found == rows


def test_a_vendor_that_shows_fewer_than_asked_for_is_asked_on() -> None:
    rows = entries(130, 1)
    fetch = by_moment(rows, repeats=False, most=50)

    found = read_period(fetch, names=("id",), moments=("at",), since=START, until=END)

    assert found == rows


def test_a_period_without_moments_in_its_rows_is_asked_for_in_one_piece() -> None:
    rows = [{"id": str(number)} for number in range(1100)]

    found = read_period(
        lambda params: rows[: int(params["limit"])],
        names=("id",),
        moments=("at",),
        since=START,
        until=END,
    )

    assert found == rows


def test_rows_nobody_can_name_are_kept_as_they_came() -> None:
    rows: list[Any] = [{"id": "1"}, {"odd": True}, "not even an object"]

    assert read_payments(lambda _params: rows, names=("id",)) == rows
