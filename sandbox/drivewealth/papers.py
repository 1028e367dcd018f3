"""Statements, trade confirmations and tax forms: when they are issued and what stands in them.

The vendor documents their lists and their links. When they appear is the sandbox's own: a
statement on the first of the month at six in New York, a confirmation at six in the evening of a
day with trades, a tax form on 15 February for a year with sales or dividends.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from sandbox.calendars import at_hour, new_york_day
from sandbox.drivewealth import links
from sandbox.drivewealth.broker import Broker, cents
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.catalogue import BY_ID
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import ZERO, Account, Paper, Transaction

STATEMENT, CONFIRM, TAX_FORM = "statement", "tradeConfirm", "taxForm"
KINDS = (STATEMENT, CONFIRM, TAX_FORM)
# As the specification's examples number them: the day, then the kind.
KEY_ENDS = {CONFIRM: "01", STATEMENT: "02", TAX_FORM: "03"}
EVENTS = {
    STATEMENT: "statements.created",
    CONFIRM: "tradeconfirms.created",
    TAX_FORM: "taxforms.created",
}
TRADES = ("SPUR", "SSAL")
TAXED = ("SSAL", "DIV")
MORNING, EVENING = time(6, 0), time(18, 0)


def list_statements(broker: Broker, call: Call) -> list[dict[str, str]]:
    return _list(broker, call, STATEMENT)


def list_confirms(broker: Broker, call: Call) -> list[dict[str, str]]:
    return _list(broker, call, CONFIRM)


def list_tax_forms(broker: Broker, call: Call) -> list[dict[str, str]]:
    return _list(broker, call, TAX_FORM)


def get_link(broker: Broker, call: Call) -> dict[str, str]:
    """Return a short-lived address of one paper of any kind."""
    account = broker.account(call.path["account_id"])
    key = f"{account.id} {call.path['file_key']}"
    if broker.papers.get(key) is None:
        raise Refusal("E050", "There is no such statement.")
    return {"accountID": account.id, "url": links.create(broker, call, links.PAPER, key)}


def account_opened(broker: Broker, account: Account) -> None:
    """Enter the account's first statement and its first tax form on the agenda."""
    today = new_york_day(broker.now())
    _enter(broker, "statement-due", account, at_hour(_next_month(today), MORNING))
    _enter(broker, "tax-form-due", account, at_hour(date(today.year + 1, 2, 15), MORNING))


def trade_happened(broker: Broker, account: Account) -> None:
    """Have a confirmation made of today's trades this evening, once."""
    if not account.confirm_due:
        account.confirm_due = True
        moment = max(at_hour(new_york_day(broker.now()), EVENING), broker.now())
        day = new_york_day(broker.now()).isoformat()
        broker.agenda.at(moment, "drivewealth.confirm-due", account_id=account.id, day=day)


def issue_statement(broker: Broker, account_id: str) -> None:
    """Make the statement of the month that has ended, and enter the next one."""
    account = broker.accounts.get(account_id)
    if account is not None and account.status != "CLOSED":
        today = new_york_day(broker.now())
        issue(broker, account, STATEMENT, today - timedelta(days=1))
        _enter(broker, "statement-due", account, at_hour(_next_month(today), MORNING))


def issue_confirm(broker: Broker, account_id: str, day: str) -> None:
    account = broker.accounts.get(account_id)
    if account is not None:
        account.confirm_due = False
        issue(broker, account, CONFIRM, date.fromisoformat(day))


def issue_tax_form(broker: Broker, account_id: str) -> None:
    """Make last year's tax form, if there is anything to report, and enter the next one."""
    account = broker.accounts.get(account_id)
    if account is None:
        return
    year = new_york_day(broker.now()).year
    last = date(year - 1, 12, 31)
    if any(row.kind in TAXED for row in _rows(broker, account, date(year - 1, 1, 1), last)):
        issue(broker, account, TAX_FORM, last)
    _enter(broker, "tax-form-due", account, at_hour(date(year + 1, 2, 15), MORNING))


def issue(broker: Broker, account: Account, kind: str, day: date) -> dict[str, str]:
    """Make one paper as of ``day``, in place of an earlier one of that day, and tell of it."""
    name, lines = _content(broker, account, kind, day)
    paper = Paper(account.id, kind, f"{day:%Y%m%d}{KEY_ENDS[kind]}", name, lines)
    key = f"{account.id} {paper.file_key}"
    if broker.papers.get(key) is not None:
        broker.papers.remove(key)
    broker.papers.add(key, paper)
    payload = {"accountID": account.id, "userID": account.user_id, kind: _row(paper)}
    broker.publish(EVENTS[kind], payload)
    return _row(paper)


def _list(broker: Broker, call: Call, kind: str) -> list[dict[str, str]]:
    """Return an account's papers of one kind, the latest day first."""
    account = broker.account(call.path["account_id"])
    since, until = call.optional_period()
    papers = [row for row in broker.papers.where("account_id", account.id) if row.kind == kind]
    kept = [
        paper
        for paper in sorted(papers, key=lambda row: row.file_key, reverse=True)
        if (since is None or since <= _day(paper)) and (until is None or _day(paper) <= until)
    ]
    return [_row(paper) for paper in kept]


def _row(paper: Paper) -> dict[str, str]:
    return {"displayName": paper.display_name, "fileKey": paper.file_key}


def _day(paper: Paper) -> datetime:
    return datetime.strptime(paper.file_key[:8], "%Y%m%d").replace(tzinfo=UTC)


def _content(broker: Broker, account: Account, kind: str, day: date) -> tuple[str, list[str]]:
    """Return the paper's name and its lines."""
    if kind == TAX_FORM:
        rows = _rows(broker, account, day.replace(month=1, day=1), day)
        name, lines = f"{day.year} Tax Year 1099-B", _tax_lines(rows)
    elif kind == CONFIRM:
        rows = [row for row in _rows(broker, account, day, day) if row.kind in TRADES]
        name, lines = f"{day:%b %d, %Y} Trade Confirm", [_line(row) for row in rows]
    else:
        name = f"{day:%b %d, %Y} Statement"
        lines = _statement_lines(broker, account, day.replace(day=1), day)
    holder = broker.user(account.user_id)
    head = [
        "SANDBOX BROKER - NOT A REAL DOCUMENT",
        name,
        "",
        f"Account {account.number}",
        f"{holder.basic['firstName']} {holder.basic['lastName']}, SSN {holder.masked_number}",
        "",
    ]
    return name, head + lines


def _statement_lines(broker: Broker, account: Account, since: date, until: date) -> list[str]:
    before = _rows(broker, account, date.min, since - timedelta(days=1))
    rows = _rows(broker, account, since, until)
    opening = before[-1].balance if before else ZERO
    closing = rows[-1].balance if rows else opening
    holdings = []
    for position in broker.positions.where("account_id", account.id):
        instrument = BY_ID[position.instrument_id]
        value = cents(position.quantity * broker.prices.raw(instrument, broker.now()))
        shares = f"{instrument.symbol:<10}{position.quantity.normalize():>20f} shares"
        holdings.append(f"{shares}   cost {position.cost:>12}   value {value:>12}")
    return [
        f"Cash on {since:%b %d, %Y}: {opening:.2f}",
        *[_line(row) for row in rows],
        f"Cash on {until:%b %d, %Y}: {closing:.2f}",
        "",
        "Held when this was made:",
        *(holdings or ["nothing"]),
    ]


def _tax_lines(rows: Iterable[Transaction]) -> list[str]:
    totals = dict.fromkeys(TAXED, ZERO)
    for row in rows:
        if row.kind in totals:
            totals[row.kind] += row.amount
    return [
        f"Gross proceeds of sales (1099-B): {totals['SSAL']:.2f}",
        f"Ordinary dividends (1099-DIV):    {totals['DIV']:.2f}",
        "Federal income tax withheld:      0.00",
    ]


def _line(row: Transaction) -> str:
    day = f"{new_york_day(row.at):%m/%d}"
    return f"{day} {row.kind:<12}{row.comment[:52]:<52}{row.amount:>12.2f}"


def _rows(broker: Broker, account: Account, since: date, until: date) -> list[Transaction]:
    rows = broker.transactions.where("account_id", account.id)
    return [row for row in rows if since <= new_york_day(row.at) <= until]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _enter(broker: Broker, action: str, account: Account, at: datetime) -> None:
    broker.agenda.at(at, f"drivewealth.{action}", account_id=account.id)
