"""Whether the broker has a person, an account or a bank already, when its answer was lost.

Accounts and banks are listed by their owner. People are listed nowhere: an event that names one of
ours tells, or a person at the desk does.
"""

from datetime import datetime, timedelta

from brokerage.gateway import (
    AccountState,
    BankState,
    Custodian,
    Malformed,
    Minor,
    Rejected,
    Subject,
    Unavailable,
    UserState,
    get_broker,
)
from brokerage.models import BankAccount, BrokerAccount, BrokerEvent, BrokerUser
from brokerage.operations.asking import settle, weigh

SKEW = timedelta(hours=1)  # the broker's clock may be before or behind ours
MOST_EVENTS = 2000
KINDS = {Custodian: "CUSTODIAN", Minor: "MINOR"}


# --- people ---------------------------------------------------------------------------------------


def find_user(user: BrokerUser, person: Custodian | Minor, at: datetime) -> str | None:
    """Return the broker's id of a person it told us of; None where nobody of that name is known.

    :raises Unclear: several are
    :raises Unavailable: the broker gave no usable answer
    """
    taken = set(BrokerUser.objects.exclude(vendor_id="").values_list("vendor_id", flat=True))
    ids = dict.fromkeys([user.hinted_id, *_list_told(user, person)])
    states = [_ask_user(one) for one in ids if one and one not in taken]
    like = [state for state in states if state is not None and _is_person(state, person)]
    if len(like) > 1:
        weigh(user, [(state.id, f"{state.kind}, {state.status}") for state in like], (), at)
    if like:
        settle(user, at)
        return like[0].id
    weigh(user, [], (), at)
    return None


def _list_told(user: BrokerUser, person: Custodian | Minor) -> list[str]:
    """Return whom events have named since we asked, where their text has the person's e-mail."""
    since = (user.asked_at or user.created_at) - SKEW
    events = BrokerEvent.objects.filter(received_at__gte=since).order_by("received_at")
    told = []
    for event in events[:MOST_EVENTS]:
        if person.email.lower() in event.payload.lower():
            try:
                news = get_broker().read_news(event.payload)
            except Malformed:
                continue
            if news is not None and news.subject == Subject.USER:
                told.append(news.id)
    return told


def _ask_user(vendor_id: str) -> UserState | None:
    try:
        return get_broker().get_user(vendor_id)
    except Rejected:
        return None  # it knows nobody by this id


def _is_person(state: UserState, person: Custodian | Minor) -> bool:
    """Say whether the broker describes one of ours: kind, names, e-mail and birthday."""
    same = get_broker().is_same_name
    return (
        state.kind == KINDS[type(person)]
        and same(person.first_name, state.first_name)
        and same(person.last_name, state.last_name)
        and state.email.lower() == person.email.lower()
        and state.date_of_birth == person.date_of_birth.isoformat()
    )


# --- accounts -------------------------------------------------------------------------------------


def find_account(account: BrokerAccount, at: datetime) -> AccountState | None:
    """Return the account the broker has opened for this one; None where it has none.

    A child is the owner of one account; a parent may have opened others elsewhere, or earlier.

    :raises Unclear: several may be it
    :raises Unavailable: the broker gave no usable answer
    """
    if account.hinted_id:
        state = get_broker().get_account(account.hinted_id)
        if not BrokerAccount.objects.filter(vendor_id=state.id).exists():
            settle(account, at)
            return state
    listed = get_broker().list_accounts(account.owner.vendor_id)
    known = BrokerAccount.objects.exclude(pk=account.pk).exclude(vendor_id="")
    taken = {*known.values_list("vendor_id", flat=True), *account.ruled_out}
    like = [state for state in listed if state.id not in taken and _is_account(account, state)]
    if len(like) == 1:
        settle(account, at)
        return like[0]
    if not like and any(row.id not in taken for row in listed.odd):
        raise Unavailable("an account of the broker's list can not be told apart")
    weigh(account, [(state.id, _describe_account(state)) for state in like], (), at)
    return None


def _is_account(account: BrokerAccount, state: AccountState) -> bool:
    if state.status == BrokerAccount.Status.CLOSED:
        return False
    if state.kind not in ("", account.kind):
        return False
    if account.owner.child_id:
        return True
    made_at, asked_at = state.created_at, account.asked_at or account.created_at
    return made_at is None or made_at >= asked_at - SKEW


def _describe_account(state: AccountState) -> str:
    made = f"made {state.created_at:%Y-%m-%d %H:%M} UTC" if state.created_at else "time not told"
    return f"••{state.number[-4:]}, {state.vendor_status}, {made}"


# --- banks ----------------------------------------------------------------------------------------


def find_bank(bank: BankAccount, holder: BrokerUser, at: datetime) -> str | None:
    """Return the broker's id of a bank linked there for this one; None where it has none.

    Two links of one account at one person are the same account: the first will do.

    :raises Unclear: the broker says it has it, and shows it nowhere
    :raises Unavailable: the broker gave no usable answer
    """
    listed = get_broker().list_banks(holder.vendor_id)
    if bank.hinted_id:
        listed.append(get_broker().get_bank(bank.hinted_id))
    known = BankAccount.objects.exclude(pk=bank.pk).exclude(vendor_id="")
    taken = {*known.values_list("vendor_id", flat=True), *bank.ruled_out}
    for state in listed:
        if state.id not in taken and _is_bank(bank, state):
            settle(bank, at)
            return state.id
    if any(row.id not in taken for row in listed.odd):
        raise Unavailable("a bank of the broker's list can not be told apart")
    weigh(bank, [], (), at)
    return None


def _is_bank(bank: BankAccount, state: BankState) -> bool:
    """Say whether a link is of this account: its numbers, as far as both sides know them."""
    if state.status != "ACTIVE":
        return False
    if bank.routing_number and state.routing_number not in ("", bank.routing_number):
        return False
    if bank.last4:
        return state.last4 == bank.last4
    return bool(state.nickname) and state.nickname == (bank.nickname or str(bank))
