"""The custodian's form as JSON: its questions, and what is handed in.

Names, kinds, choices and limits are read off the page's form, which also does all the checking.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import agreements
from accounts.api.agreements import AgreementOut
from accounts.api.fields import StateChoice
from accounts.documents import list_agreed
from accounts.faults import check_custodian_answers
from accounts.forms import KycForm
from accounts.models import Parent
from accounts.person_fields import StateField
from brokerage import prefilled
from core import clock
from core.api import WholeNumberField
from core.api_checks import list_understood
from core.errors import Invalid
from core.forms import FreeText, check_also
from prefill.models import Source
from tenants.api.strict import Strict

CONSENTS = {
    "e_sign": ("eSign", agreements.E_SIGN),
    "agreements": ("agreements", agreements.BROKER),
}
KINDS_OF_CONSENT = {"eSign": "E_SIGN", "agreements": "BROKER"}
OTHERWISE = {
    "date_of_birth": "birthdate",
    "trusted_adult": "trustedContact.isAdult",
    "trusted_first_name": "trustedContact.firstName",
    "trusted_last_name": "trustedContact.lastName",
} | {name: f"consents.{api_name}" for name, (api_name, _text) in CONSENTS.items()}
TRUSTED, DISCLOSURE = "trustedContact", "trustedContact.disclosureVersion"


def _api_name(name: str) -> str:
    """Return how the API calls a field of the form; a dot leads into an object."""
    first, *more = name.removeprefix("trusted_").split("_")
    plain = first + "".join(word.capitalize() for word in more)
    inside = f"{TRUSTED}.{plain}" if name.startswith("trusted_") else plain
    return OTHERWISE.get(name, inside)


API_NAMES = {name: _api_name(name) for name in KycForm.base_fields}
OF_TRUSTED = {
    api_name.removeprefix(f"{TRUSTED}."): name
    for name, api_name in API_NAMES.items()
    if api_name.startswith(TRUSTED)
}
OF_PARENT = {api_name: name for name, api_name in API_NAMES.items() if "." not in api_name}


def raise_faults(
    form: forms.Form, names: Mapping[str, str], *, more: dict[str, str], outdated: dict[str, str]
) -> None:
    """Raise what is wrong with a form, by the API's `names`; nothing where all is well.

    :param more: what is wrong besides
    :param outdated: which text has changed since it was agreed to
    :raises Invalid: with each field's code
    """
    told = _("Some fields need another look.")
    parts = [
        Invalid(
            str(error.messages[0]),
            code=error.code or "invalid",
            fields={names.get(name, name): " ".join(map(str, form.errors[name]))},
        )
        for name, errors in form.errors.as_data().items()
        for error in errors[:1]
    ]
    if more:
        parts.append(Invalid(told, fields=more))
    code = "invalid" if parts else "consent_outdated"
    if outdated:
        parts.append(Invalid(told, code="consent_outdated", fields=outdated))
    if not parts:
        return
    fields = {name: text for part in parts for name, text in part.fields.items()}
    whole = Invalid(told, code=code, fields=fields)
    whole.parts = tuple(parts)
    raise whole


def _kind(field: forms.Field) -> str:
    match field:
        case forms.BooleanField():
            return "boolean"
        case forms.DateField():
            return "date"
        case forms.IntegerField():
            return "integer"
        case forms.ChoiceField():
            return "choice"
    return "text"


def _field_like(name: str) -> serializers.Field[Any, Any, Any, Any]:
    """Return the API's field for one of the form's."""
    field: Any = KycForm.base_fields[name]
    reader = f". {field.reader}" if isinstance(field, FreeText) else ""
    told: dict[str, Any] = {"help_text": f"{field.label}{reader}", "required": field.required}
    kind = _kind(field)
    if kind == "boolean":
        return serializers.BooleanField(**told)
    if kind == "date":
        return serializers.DateField(**told)
    if kind == "integer":
        return WholeNumberField(min_value=field.min_value, max_value=field.max_value, **told)
    if kind == "choice":
        choices = [choice for choice in field.choices if choice[0]]
        asked = StateChoice if isinstance(field, StateField) else serializers.ChoiceField
        return asked(choices, allow_blank=not field.required, **told)
    if name == "ssn":
        told |= {"required": False, "write_only": True, "help_text": "Absent: the one on file"}
    blank = not told["required"]
    return serializers.CharField(max_length=field.max_length, allow_blank=blank, **told)


class TrustedContactIn(Strict):
    """A person of 18 or older who can be reached by phone or e-mail, or nobody."""

    disclosureVersion = serializers.CharField(help_text="Of the text that was shown")

    def get_fields(self) -> dict[str, Any]:
        return {api: _field_like(name) for api, name in OF_TRUSTED.items()} | super().get_fields()


class KycConsentIn(Strict):
    accepted = serializers.BooleanField()
    textVersion = serializers.CharField(help_text="Of the text that was shown")


class KycConsentsIn(Strict):
    """What the parent agrees to; the texts are in `GET kyc/form`."""

    eSign = KycConsentIn()
    agreements = KycConsentIn()


class KycIn(Strict):
    """The custodian's answers."""

    consents = KycConsentsIn()
    trustedContact = TrustedContactIn(
        required=False, help_text="Where the form asks for it, and only there"
    )

    def get_fields(self) -> dict[str, Any]:
        return {api: _field_like(name) for api, name in OF_PARENT.items()} | super().get_fields()

    def typed(self) -> dict[str, str]:
        """Return what a browser would have sent, of what is good of it."""
        return {
            name: as_typed(value)
            for name, api_name in API_NAMES.items()
            if (value := self._value(api_name)) not in (None, False)
        }

    def check(self, form: KycForm, parent: Parent) -> None:
        """Refuse what the form does not take, and agreement to a text that is not in force.

        Where anything is wrong, what the operation would refuse is told with it.

        :raises Invalid: with all faults by their names in the API
        """
        misplaced, outdated = self._misplaced(form), self._outdated(form)
        if not form.is_valid() or misplaced or outdated or self.errors:
            check_also(
                form,
                lambda good: check_custodian_answers(
                    parent, good, trusted=form.trusted_contact(), today=clock.today()
                ),
            )
        raise_faults(form, API_NAMES, more=misplaced, outdated=outdated)

    @property
    def _good(self) -> Mapping[str, Any]:
        return list_understood(self) if self.errors else self.validated_data

    def _misplaced(self, form: KycForm) -> dict[str, str]:
        given = TRUSTED in self._good or TRUSTED in self.errors
        if form.asks_trusted and not given:
            return {TRUSTED: str(forms.Field.default_error_messages["required"])}
        if given and not form.asks_trusted:
            return {TRUSTED: _("We have this answer already; change it at kyc/trusted-contact.")}
        return {}

    def _outdated(self, form: KycForm) -> dict[str, str]:
        shown = {
            f"consents.{name}.textVersion": (
                self._good["consents"][name]["textVersion"],
                _version(name, text),
            )
            for name, text in CONSENTS.values()
            if "consents" in self._good
        }
        if form.asks_trusted and TRUSTED in self._good:
            in_force = agreements.version_of(agreements.TRUSTED_CONTACT)
            shown[DISCLOSURE] = (self._value(DISCLOSURE), in_force)
        return {
            key: _("The text has changed. Please read it again.")
            for key, (version, in_force) in shown.items()
            if version != in_force
        }

    def _value(self, api_name: str) -> Any:
        """Return what was sent under a name; of a consent whether it was accepted."""
        value: Any = self._good
        for part in api_name.split("."):
            value = value.get(part) if value else None
        return value["accepted"] if api_name.startswith("consents.") and value else value


def _version(name: str, text: Any) -> str:
    return agreements.version_of(text, KINDS_OF_CONSENT[name])


def as_typed(value: Any) -> str:
    """Return a JSON value as a browser would send it."""
    if value is True:
        return "on"
    return value.isoformat() if isinstance(value, date) else str(value)


class KycChoiceOut(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class KycQuestionOut(serializers.Serializer[Any]):
    """One question. `name` is where the answer goes in `POST kyc`; a dot leads into an object."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    answerType = serializers.ChoiceField(["text", "date", "integer", "boolean", "choice"])
    required = serializers.BooleanField()  # type: ignore[assignment]
    value = serializers.SerializerMethodField(method_name="tell_value")
    source = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="Where the value is from, in words"
    )
    choices = KycChoiceOut(many=True)

    @extend_schema_field(
        {
            "oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}],
            "nullable": True,
            "description": "What the question begins with; never a Social Security number",
        }
    )
    def tell_value(self, question: dict[str, Any]) -> Any:
        return question["value"]


class KycSectionOut(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = serializers.CharField()
    questions = KycQuestionOut(many=True)


class SsnOnFileOut(serializers.Serializer[Any]):
    """A number that is used where none is sent."""

    last4 = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class KycConsentOut(serializers.Serializer[Any]):
    """A text to be shown word for word, with links to the agreements it is about.

    The version covers both, and goes back with the agreement.
    """

    name = serializers.CharField()
    text = serializers.CharField()
    textVersion = serializers.CharField()
    agreements = AgreementOut(many=True)


class TrustedContactAskedOut(serializers.Serializer[Any]):
    """Whether there is no answer yet, and what to show before anybody is named."""

    isAsked = serializers.BooleanField()
    disclosure = serializers.CharField()
    disclosureVersion = serializers.CharField()


class KycFormOut(serializers.Serializer[Any]):
    canSubmit = serializers.BooleanField()
    isCorrection = serializers.BooleanField(help_text="The broker asks for corrected answers")
    sections = KycSectionOut(many=True)
    ssnOnFile = SsnOnFileOut(allow_null=True)
    consents = KycConsentOut(many=True)
    trustedContact = TrustedContactAskedOut()


def describe_form(parent: Parent, *, at: datetime) -> dict[str, Any]:
    """Return the form as it stands for a parent; without questions where it is in."""
    form, can_submit = prefilled.open_form(parent, at=at), True
    try:
        prefilled.check_can_submit(parent)
    except prefilled.AlreadyIn:
        can_submit = False
    return {
        "canSubmit": can_submit,
        "isCorrection": can_submit and form.known is not None,
        "sections": _sections(form) if can_submit else [],
        "ssnOnFile": _ssn_on_file(form),
        "consents": [
            {
                "name": name,
                "text": str(text),
                "textVersion": _version(name, text),
                "agreements": list_agreed(KINDS_OF_CONSENT[name]),
            }
            for name, text in CONSENTS.values()
            if can_submit
        ],
        "trustedContact": {
            "isAsked": form.asks_trusted,
            "disclosure": str(agreements.TRUSTED_CONTACT),
            "disclosureVersion": agreements.version_of(agreements.TRUSTED_CONTACT),
        },
    }


def _sections(form: KycForm) -> list[dict[str, Any]]:
    return [
        {
            "title": str(section["title"]),
            "text": str(section["text"]),
            "questions": [
                _question(form, field.name)
                for field in section["fields"]
                if field.name not in CONSENTS
            ],
        }
        for section in form.sections
    ]


def _question(form: KycForm, name: str) -> dict[str, Any]:
    field: Any = form.fields[name]
    # The page's help ends with the source; only the number's is made for this person.
    help_text = field.help_text if name == "ssn" else form.base_fields[name].help_text
    value = None if name == "ssn" else form.initial.get(name)
    suggestion = form.suggested.get(name)
    return {
        "name": API_NAMES[name],
        "label": str(field.label),
        "help": str(help_text),
        "answerType": _kind(field),
        "required": field.required,
        "value": value.isoformat() if isinstance(value, date) else value,
        "source": suggestion.source if suggestion and not form.known else None,
        "choices": [
            {"value": value, "label": str(label)}
            for value, label in getattr(field, "choices", [])
            if value
        ],
    }


def _ssn_on_file(form: KycForm) -> dict[str, str] | None:
    if form.known:
        return {"last4": form.known.ssn_last4, "source": str(Source.USER.label)}
    if form.held_last4:
        return {"last4": form.held_last4, "source": str(Source.LAYER.label)}
    return None
