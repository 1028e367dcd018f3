"""Killed at any moment of a purchase, the money has moved once and everybody is told once."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from brokerage.models import Purchase
from brokerage.operations import advance_purchase, sync_account
from core.driven import LEASE
from gifting.models import Gift
from gifting.notes import deliver_note
from tests.cast import Family
from tests.money import auditor
from tests.money.processes import KILLED, start, steps_counted, wait

pytestmark = pytest.mark.documented_too

STEPS = 41  # commits and calls of one purchase, counted below


def buy(family: Family, gift: Gift) -> None:
    """Approve the gift and drive its purchase alone to its end."""
    purchase = family.approve(gift)
    while purchase.next_step_at is not None:
        if purchase.next_step_at > family.stage.now():
            if purchase.status == Purchase.Status.FUNDING:
                family.stage.settle_ach()
            else:
                family.stage.advance(3)
        advance_purchase(purchase.pk, at=family.stage.now())
        purchase.refresh_from_db()


def until_killed(act: Callable[[], object], kill_before: int) -> None:
    with steps_counted(kill_before=kill_before):
        act()


def finish(family: Family, gift: Gift) -> None:
    """Let the sweep take over once the dead worker's lease and locks have run out."""
    family.stage.advance(LEASE.total_seconds())
    cache.clear()  # it keeps real time, in which half a minute would have to pass
    gift.refresh_from_db()
    if gift.status == Gift.Status.PENDING:
        family.approve(gift)  # nothing was committed: the parent clicks again
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()


def test_every_step_of_a_purchase_is_killed_below(live_family: Family) -> None:
    gift = live_family.give()

    with steps_counted() as steps:
        buy(live_family, gift)

    assert len(steps) == STEPS, "\n".join(steps)


@pytest.mark.slow
@pytest.mark.parametrize("step", range(STEPS))
def test_killed_before_any_step_the_money_moves_once(live_family: Family, step: int) -> None:
    gift = live_family.give()
    worker = start(partial(until_killed, partial(buy, live_family, gift), step))
    assert wait(worker) == KILLED

    finish(live_family, gift)

    auditor.check_bought_once(live_family, gift)
    auditor.check_mail_once()


@pytest.mark.slow
def test_tasks_delivered_late_twice_and_in_the_wrong_order_change_nothing(
    live_family: Family,
) -> None:
    gift = live_family.give()
    live_family.approve(gift)
    live_family.stage.work()
    live_family.stage.settle_ach()
    live_family.stage.work()
    tasks = [row.task for row in OrmQ.objects.order_by("-id")]

    for task in tasks:
        for _delivery in range(2):
            import_string(task["func"])(**task["kwargs"])
    live_family.stage.work()

    assert "gifting.tasks.follow_purchase" in {task["func"] for task in tasks}
    auditor.check_bought_once(live_family, gift)
    auditor.check_mail_once()


@pytest.mark.parametrize("step", range(3))
@pytest.mark.bought
def test_killed_while_reading_an_account_its_books_are_compared_later(
    live_family: Family, step: int
) -> None:
    live_family.stage.advance(30)
    at = live_family.stage.now()
    reader = partial(sync_account, live_family.account.pk, at=at)
    assert wait(start(partial(until_killed, reader, step))) == KILLED

    live_family.stage.advance(3700)
    live_family.stage.work()

    auditor.check_books(live_family)
    assert live_family.account.checked_at
    assert live_family.account.checked_at > at


@pytest.mark.parametrize(
    "step",
    [
        0,  # before it took the note; killed between sending and noting that, it would send twice
        2,  # between noting it as sent and giving the note back
    ],
)
def test_killed_while_mailing_the_mail_goes_out_once(
    live_family: Family, settings: Any, tmp_path: Path, step: int
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    note = live_family.give().notes.get(kind="GIVEN_PARENT")
    mailer = partial(deliver_note, note.pk, at=live_family.stage.now())
    assert wait(start(partial(until_killed, mailer, step))) == KILLED

    live_family.stage.advance(LEASE.total_seconds())
    live_family.stage.work()

    letters = [file.read_text() for file in (tmp_path / "mail").iterdir()]
    assert len([letter for letter in letters if "To: custodian@family.example" in letter]) == 1
