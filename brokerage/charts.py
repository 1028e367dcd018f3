"""Lines of dollars over days, as numbers a template draws an SVG from. No script is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from brokerage.performance import Day

WIDTH, HEIGHT = 640, 240
TOP, BOTTOM = 14, 26  # room for the words above and below
MOST = 240  # points: more can not be seen


@dataclass(frozen=True)
class Chart:
    """Two lines in a box of WIDTH by HEIGHT, as the `points` of an SVG polyline."""

    value: str
    paid_in: str
    area: str
    most: Decimal
    least: Decimal
    first: Day
    last: Day
    end: tuple[str, str]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM
    top: int = TOP


def draw(days: Sequence[Day]) -> Chart | None:
    """Draw what an account was worth and what was put in; None of less than two days."""
    if len(days) < 2:
        return None
    shown = _thin(days)
    numbers = [number for day in shown for number in (day.value, day.paid_in)]
    told = min(numbers), max(numbers)
    numbers += [day.value - day.paid_in + before.paid_in for before, day in pairwise(shown)]
    least, most = min(numbers), max(numbers)
    start, length = shown[0].on, (shown[-1].on - shown[0].on).days
    span = (most - least) or Decimal(1)

    def point(day: Day, number: Decimal) -> tuple[str, str]:
        x = Decimal(WIDTH) * (day.on - start).days / length
        y = TOP + (HEIGHT - TOP - BOTTOM) * (most - number) / span
        return f"{x:.1f}", f"{y:.1f}"

    value = [point(shown[0], shown[0].value)]
    for before, day in pairwise(shown):
        came = day.paid_in - before.paid_in
        if came:  # money comes at once, and is no gain of the days before
            value.append(point(day, day.value - came))
        value.append(point(day, day.value))
    base = str(HEIGHT - BOTTOM)
    return Chart(
        value=_join(value),
        paid_in=_join(_steps([point(day, day.paid_in) for day in shown])),
        area=_join([("0", base), *value, (str(WIDTH), base)]),
        most=told[1],
        least=told[0],
        first=shown[0],
        last=shown[-1],
        end=value[-1],
    )


def _thin(days: Sequence[Day]) -> list[Day]:
    """Keep at most MOST days, evenly, the first and the last among them."""
    if len(days) <= MOST:
        return list(days)
    step = (len(days) - 1) / (MOST - 1)
    return [days[round(number * step)] for number in range(MOST)]


def _steps(points: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Money comes at once: a line that jumps where it would otherwise climb."""
    made = [points[0]]
    for (_x, before), (x, y) in pairwise(points):
        made += [(x, before), (x, y)]
    return made


def _join(points: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
