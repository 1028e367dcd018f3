"""`python -m demo [--once]`: start everything, play the main job, check the books, stay running."""

import argparse
import fcntl
import json
import os
import sys
import time
from decimal import Decimal
from typing import Any

from demo.company import DEVELOPER, SLUG
from demo.ending import end_when_told
from demo.play import AMOUNT, PARENT, SYMBOL, Journey
from demo.processes import ROOT, Broken, Stack

STAFF = "compliance@stocksprout.example"


def main() -> int:
    """Return 0 where the journey was played and all books are equal, else 1."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play, check the books, and end")
    parser.add_argument(
        "--name", default="demo", help="its folder in var/ and its database (default: demo)"
    )
    options = parser.parse_args()
    end_when_told()
    try:
        with only_demo(options.name), Stack(options.name).running() as stack:
            journey = Journey(stack)
            journey.play()
            compare_books(journey)
            if not options.once:
                stay(journey)
    except Broken as reason:
        print(f"\nThe demo stopped: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEverything is stopped.")
    return 0


class only_demo:  # noqa: N801 (reads as a statement)
    """Let one demo of a name at a time run in this folder.

    :raises Broken: another one is running
    """

    def __init__(self, name: str) -> None:
        self._path = ROOT / "var" / f"{name}.lock"

    def __enter__(self) -> None:
        print("Starting database, practice broker, worker and site …", flush=True)
        self._path.parent.mkdir(exist_ok=True)
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Broken("A demo is running in this folder already.") from error

    def __exit__(self, *_error: object) -> None:
        self._file.close()


def compare_books(journey: Journey) -> None:
    """Print what each party holds.

    :raises Broken: they are not equal
    """
    broker = journey.broker()["accounts"][0]
    ours = json.loads(journey.stack.manage("books", "--json"), parse_float=Decimal)["accounts"][0]
    page = journey.portfolio()
    told = journey.giver.open(journey.track_link)
    shares = {
        "broker": Decimal(str(broker["positions"][0]["quantity"])),
        "books": Decimal(ours["shares"][SYMBOL]),
        "page": Decimal(page["holdings"][0]["shares"]),
    }
    cash = {
        "broker": Decimal(str(broker["cash"])),
        "books": Decimal(ours["cash"]),
        "page": Decimal(page["cashBalance"]),
    }
    spent = Decimal(ours["invested"])
    print("\nWhat each party now holds")
    print(f"  Grandma's tracker       {AMOUNT} dollars given, “Share bought”")
    for who, name in (
        ("broker", "The broker"),
        ("books", "Our books"),
        ("page", "The child's page"),
    ):
        print(f"  {name:<22}  {shares[who].normalize()} shares of {SYMBOL}, ${cash[who]:.2f} cash")
    equal = len(set(shares.values())) == len(set(cash.values())) == 1
    traced = spent + cash["books"] == AMOUNT and str(shares["books"].normalize()) in told
    if not (equal and traced):
        raise Broken(f"The books are not equal: {shares} {cash}, spent {spent}.")
    print(f"  All equal: ${AMOUNT} given = ${spent} in shares + ${cash['books']:.2f} cash.")
    print(f"  {journey.stack.manage('verify_audit').strip()}")


def stay(journey: Journey) -> None:
    """Print addresses and log-ins and wait for Ctrl-C."""
    stack = journey.stack
    staff = json.loads(stack.manage("make_staff", STAFF, "--json"))
    lines: list[tuple[str, Any]] = [
        ("The site", stack.site),
        ("  parent's log-in", f"{PARENT} / {journey.password}"),
        ("  gift link", journey.gift_link),
        ("  gift tracker", journey.track_link),
        ("Compliance desk", f"{stack.site}/admin/"),
        ("  staff log-in", f"{STAFF} / {staff['password']}"),
        ("  second factor", f"{staff['totp_secret']} (add it to an authenticator app)"),
        ("API", f"{stack.site}/api/docs"),
        (
            "A company's portal",
            f"{stack.site}/tenant/{SLUG}/ (try it: {stack.site}/tenant/{SLUG}/try/)",
        ),
        ("  developer's log-in", f"{DEVELOPER} / {journey.company.password}"),
        ("  its API", f"{stack.site}/api/v1/docs"),
        ("Practice broker", f"{stack.sandbox}/_sandbox/ (its clock moves the site's)"),
        ("  the mail it sent", f"{stack.sandbox}/_sandbox/outbox/"),
        ("Mail and logs", stack.folder),
    ]
    print()
    for name, value in lines:
        print(f"  {name:<20} {value}")
    print(f"\nCtrl-C ends all of it, from elsewhere: kill {os.getpid()}", flush=True)
    while True:
        stack.check_alive()
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
