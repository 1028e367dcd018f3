"""What an identity check asks of a person: what to fix, what they may do, what the desk sees.

The table is the one place where our names of a broker's objections get their meaning. What only
the desk may know (lists, forged papers) has no text: the family reads that a person is looking.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import KycProfile
from brokerage.models import BrokerUser, Case, IdDocument
from core import audit

Status = BrokerUser.Status


class Action(StrEnum):
    """What a parent may do about a check."""

    CORRECT = "correct"
    UPLOAD = "upload"
    WAIT = "wait"
    CONTACT = "contact"


CORRECT, UPLOAD, WAIT, CONTACT = Action


@dataclass(frozen=True)
class Problem:
    """One objection: what to do about it, in plain words.

    `child` is the sentence about a child, with `%(name)s`; empty: `text` fits both. `field` is what
    to correct in the form. `case`: the desk looks at it. Without `text` the family reads nothing of
    it while the case is open.
    """

    text: Any = ""
    child: Any = ""
    actions: tuple[Action, ...] = (CORRECT,)
    child_actions: tuple[Action, ...] | None = None
    field: str = ""
    case: bool = False

    def actions_of(self, user: BrokerUser) -> tuple[Action, ...]:
        """Return what can be done about it for this person."""
        if user.child_id and self.child_actions is not None:
            return self.child_actions
        return self.actions

    @property
    def quiet(self) -> bool:
        """Say whether only the desk may know of it."""
        return not self.text


def _picture(text: Any, *more: Action, field: str = "") -> Problem:
    """Return a problem that another picture solves."""
    return Problem(text, actions=(*more, UPLOAD), field=field)


# What a child has from its parent's answers, the desk settles with the broker.
PROBLEMS: dict[str, Problem] = {
    "name": Problem(
        _("Write your name exactly as on your ID."),
        _("Write %(name)s's name exactly as on the Social Security card."),
        field="name",
    ),
    "name_long": Problem(
        _("The broker takes names of up to 36 letters. Shorten a middle name to its first letter."),
        field="name",
    ),
    "ssn": Problem(
        _("Check your Social Security number, digit by digit."),
        _("Check %(name)s's Social Security number, digit by digit."),
        field="ssn",
    ),
    "date_of_birth": Problem(
        _("Check your date of birth."),
        _("Check %(name)s's date of birth."),
        field="date_of_birth",
    ),
    "age": Problem(
        _("A custodian must be at least 18 years old. Check your date of birth."),
        _("Check %(name)s's date of birth: the broker finds that the age does not fit."),
        field="date_of_birth",
    ),
    "address": Problem(
        _("Check your street, city, state and ZIP code."),
        _("The broker could not confirm %(name)s's address, which is yours. Please write to us."),
        child_actions=(CONTACT,),
        field="address",
    ),
    "phone": Problem(
        _("Check your phone number."),
        _("The broker does not accept the phone number for %(name)s. Please write to us."),
        child_actions=(CONTACT,),
        field="phone",
    ),
    "email": Problem(
        _("The broker does not accept your e-mail address. Change it, then send your answers."),
        _("The broker does not accept the e-mail address for %(name)s. Please write to us."),
        child_actions=(CONTACT,),
        field="email",
    ),
    "name_letters": Problem(
        _("The broker writes names only in the letters A to Z. Spell yours as on a US document."),
        _("The broker can write names only in the letters A to Z. Spell %(name)s's name so."),
        field="name",
    ),
    "address_letters": Problem(
        _("The broker writes addresses only in the letters A to Z. Write yours as on your mail."),
        _("The broker can not write %(name)s's address, which is yours. Please write to us."),
        child_actions=(CONTACT,),
        field="address",
    ),
    "employer": Problem(
        _("Check your employer, your industry and what you do there."), field="employer"
    ),
    "director_of": Problem(
        _("Check the public companies you direct or own 10% of; leave it empty if there are none."),
        field="director_of",
    ),
    "politically_exposed": Problem(
        _("Check the names of political figures in your family; leave it empty if there are none."),
        field="politically_exposed",
    ),
    "money": Problem(_("Check the answers about your money."), field="money"),
    "country": Problem(
        _("Only residents of the United States can open accounts. Write to us if you are one."),
        actions=(CONTACT,),
    ),
    "document": _picture(_("A picture of an ID is needed: a passport, or a driver's license.")),
    "photo_quality": _picture(
        _("The photo was blurred or too dark. Take it again in daylight, holding still.")
    ),
    "document_quality": _picture(
        _("The ID could not be read. Lay it flat, without glare, so that every word is sharp.")
    ),
    "document_side": _picture(
        _("The wrong side was sent. Send the front as the front and the back as the back.")
    ),
    "document_missing": _picture(
        _("No ID was seen in the picture. The whole card or page must be in it.")
    ),
    "document_two": _picture(_("Two IDs were in one picture. Send a picture of one alone.")),
    "document_expired": _picture(_("The ID has expired. Send one that is still valid.")),
    "document_back": _picture(_("The back is missing. Send the front and the back together.")),
    "document_kind": _picture(
        _("The broker does not take this kind of ID. Send a passport or a driver's license.")
    ),
    "document_birth": _picture(
        _("The ID shows another date of birth. Correct the date here, or send the right ID."),
        CORRECT,
        field="date_of_birth",
    ),
    "document_name": _picture(
        _("The ID shows another name. Write the name exactly as on the ID, or send the right ID."),
        CORRECT,
        field="name",
    ),
    "document_invalid": _picture(
        _("The broker could not accept this ID. Send the original, not a copy or a screen photo.")
    ),
    "document_suspect": Problem(actions=(UPLOAD,), case=True),
    "watchlist": Problem(actions=(), case=True),
    "ofac": Problem(actions=(), case=True),
    "integrity": Problem(actions=(), case=True),
    "aged": Problem(
        _("The check was not finished within 30 days. Write to us and we start it again."),
        actions=(CONTACT,),
        case=True,
    ),
    "details": Problem(_("Look through all answers once more."), field="all"),
    # The broker names no answer of the family's, or says a word we do not know: a person asks it.
    "unclear": Problem(actions=(), case=True),
    "other": Problem(actions=(), case=True),
}
PICTURES_IN_VAIN = 3  # after so many refused ones staff look, and the family is asked no more
UNEXPLAINED = frozenset({"unclear", "other"})

# Title, text and tone by status; the second text is about a child.
_SENDING = (
    _("On its way"),
    _("Thank you. We are sending this to the broker."),
    _("Thank you. We are sending this to the broker."),
    "wait",
)
_WORDS = {
    Status.INTENDED: (
        _("Saved"),
        _("We are sending your answers to the broker."),
        _("We are sending %(name)s's details to the broker."),
        "wait",
    ),
    Status.CHECKING: (
        _("Being checked"),
        _("This usually takes less than a minute."),
        _("The broker is checking %(name)s's details. This usually takes less than a minute."),
        "wait",
    ),
    Status.NEEDS_INFO: (
        _("Something needs correcting"),
        _("Please look at this again:"),
        _("The broker could not confirm %(name)s's details yet:"),
        "bad",
    ),
    Status.NEEDS_DOCUMENT: (
        _("A document is needed"),
        _("The broker asks for one thing more:"),
        _("The broker asks for one thing more about %(name)s:"),
        "wait",
    ),
    Status.IN_REVIEW: (
        _("A person is looking at it"),
        _("We will write to you. Nothing to do."),
        _("We will write to you about %(name)s. Nothing to do."),
        "wait",
    ),
    Status.APPROVED: (
        _("You are confirmed"),
        _("The broker knows you. You can add children."),
        _("The broker has confirmed who %(name)s is."),
        "good",
    ),
    Status.DENIED: (
        _("Not accepted"),
        _("The broker can not open accounts for you. Write to us if you have a question."),
        _("The broker can not open an account for %(name)s. Write to us if you have a question."),
        "bad",
    ),
}
_CHILD_CONFIRMED = _("Identity confirmed")
_AT_REST = {Status.NEEDS_INFO, Status.NEEDS_DOCUMENT, Status.IN_REVIEW, Status.DENIED}


@dataclass(frozen=True)
class Check:
    """How a person's identity check stands, ready to be shown.

    `problems` are stable codes and `fields` what to correct, both for the API.
    """

    status: str
    title: str
    text: str
    tone: str
    fixes: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    problems: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def approved(self) -> bool:
        return self.status == Status.APPROVED

    @property
    def is_moving(self) -> bool:
        """Say whether it may stand otherwise in a moment, without anybody doing anything."""
        return not (self.approved or self.needs_parent or self.status == Status.DENIED)

    @property
    def can_edit(self) -> bool:
        return CORRECT in self.actions

    @property
    def can_upload(self) -> bool:
        return UPLOAD in self.actions

    @property
    def can_contact(self) -> bool:
        return CONTACT in self.actions

    @property
    def needs_parent(self) -> bool:
        """Say whether it goes on only once the parent has done something."""
        return bool({CORRECT, UPLOAD, CONTACT}.intersection(self.actions))


def describe_check(user: BrokerUser | None) -> Check:
    """Return how a person's check stands and what the parent may do about it."""
    if user is None:
        return _words_for(user, Status.INTENDED)
    status = Status(user.status)
    if status not in _AT_REST:
        return _words_for(user, status)
    if _is_held(user):
        return _words_for(user, Status.IN_REVIEW, actions=(WAIT,), problems=("in_review",))
    if _is_on_its_way(user):
        return _words_for(user, None, status=status, actions=(WAIT,))
    shown = _shown_problems(user)
    actions = _actions(user, status, shown)
    return _words_for(
        user,
        status,
        fixes=tuple(dict.fromkeys(_sentence(user, PROBLEMS[name]) for name in shown)),
        actions=actions,
        problems=tuple(shown),
        fields=tuple(dict.fromkeys(filter(None, (PROBLEMS[name].field for name in shown))))
        if CORRECT in actions
        else (),
    )


def reasons_for_desk(user: BrokerUser, status: str, problems: tuple[str, ...]) -> list[str]:
    """Return why the desk has to look at a check's outcome; empty where it does not."""
    known = {name: PROBLEMS.get(name, PROBLEMS["other"]) for name in problems}
    reasons = [
        name
        for name, problem in known.items()
        if problem.case or problem.actions_of(user) == (CONTACT,)
    ]
    if status == Status.DENIED:
        return reasons or ["denied"]
    return reasons if status in _AT_REST else []


def _is_on_its_way(user: BrokerUser) -> bool:
    """Say whether corrected details or a picture wait to be sent to the broker."""
    if user.id_documents.filter(status=IdDocument.Status.INTENDED).exists():
        return True
    if user.told_at is None:
        return bool(user.vendor_id)  # staff have it sent again
    if user.child:
        corrected_at = user.child.corrected_at
        return corrected_at is not None and corrected_at > user.told_at
    return KycProfile.objects.filter(parent=user.parent_id, submitted_at__gt=user.told_at).exists()


def _is_held(user: BrokerUser) -> bool:
    """Say whether the desk has yet to decide about what the family may not know, or can not mend.

    What nobody understands holds nothing up while there is something else to correct.
    """
    if _is_asked_in_vain(user):
        return True
    quiet = {name for name in user.problems if PROBLEMS.get(name, PROBLEMS["other"]).quiet}
    if not quiet or (quiet <= UNEXPLAINED and len(quiet) < len(user.problems)):
        return False
    cases = Case.objects.filter(kind=Case.Kind.IDENTITY, subject=audit.name_of(user))
    return cases.filter(status=Case.Status.OPEN).exists()


def _is_asked_in_vain(user: BrokerUser) -> bool:
    """Say whether pictures were refused so often that staff look before another is asked for."""
    if user.status not in {Status.NEEDS_DOCUMENT, Status.NEEDS_INFO}:
        return False
    cases = Case.objects.filter(kind=Case.Kind.DOCUMENT, subject=audit.name_of(user))
    is_open = cases.filter(status=Case.Status.OPEN).exists()
    return is_open and count_refused(user) >= PICTURES_IN_VAIN


def count_refused(user: BrokerUser) -> int:
    """Return how often pictures were refused, the two sides of one document as one."""
    refused = user.id_documents.filter(status=IdDocument.Status.REFUSED)
    return refused.values("created_at").distinct().count()


def _shown_problems(user: BrokerUser) -> list[str]:
    """Return the problems a family may read; where none is told, the general one."""
    names = [name if name in PROBLEMS else "other" for name in user.problems]
    shown = [name for name in names if not PROBLEMS[name].quiet]
    if user.status == Status.NEEDS_DOCUMENT and not any(
        UPLOAD in PROBLEMS[name].actions for name in shown
    ):
        shown = [*shown, "document"]
    if user.status == Status.NEEDS_INFO and not shown:
        shown = ["details"]
    return shown


def _actions(user: BrokerUser, status: Status, shown: list[str]) -> tuple[Action, ...]:
    if status == Status.DENIED:
        return (CONTACT,)
    wanted = {action for name in shown for action in PROBLEMS[name].actions_of(user)}
    if status == Status.NEEDS_INFO and not wanted:
        wanted = {CORRECT}
    if not user.vendor_id:
        wanted -= {UPLOAD}  # the broker knows nobody yet to whom a picture would belong
        wanted = wanted or {CORRECT}
    return tuple(action for action in Action if action in wanted) or (WAIT,)


def _sentence(user: BrokerUser, problem: Problem) -> str:
    if user.child and problem.child:
        return str(problem.child) % {"name": user.child.first_name}
    return str(problem.text)


def _words_for(user: BrokerUser | None, words: Status | None, **more: Any) -> Check:
    title, about_parent, about_child, tone = _WORDS[words] if words else _SENDING
    text = str(about_parent)
    if user and user.child:
        text = str(about_child) % {"name": user.child.first_name}
        title = _CHILD_CONFIRMED if words == Status.APPROVED else title
    more.setdefault("status", words)
    return Check(title=str(title), text=text, tone=tone, **more)
