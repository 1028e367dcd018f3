"""What staff fill in beside their reason when they decide about a case."""

from typing import Any

from django import forms

from core.deskactions import ReasonForm
from core.forms import FreeText, LinesField


class NamesForm(ReasonForm):
    """What is compared goes back with the decision, which holds for nothing else."""

    names = LinesField(
        label="Compare", widget=forms.Textarea(attrs={"rows": 2, "cols": 80, "readonly": True})
    )
    field_order = ("names", "reason")


class CandidateForm(ReasonForm):
    """Which of what the broker has is the one we asked for; where it shows none, its id there."""

    payment = forms.ChoiceField(label="This is it", widget=forms.RadioSelect)
    field_order = ("payment", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [one for one in self.initial.get("candidates", []) if one[0]]
        if choices:
            self.fields["payment"].choices = choices  # type: ignore[attr-defined]
        else:
            self.fields["payment"] = forms.RegexField(
                r"\A[!-~]{1,100}\Z",
                label="Its id at the broker",
                help_text="It shows nowhere: ask the broker. It is compared before we use it.",
            )
            self.order_fields(self.field_order)


class MessageForm(ReasonForm):
    """What staff write to a parent."""

    message = FreeText(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80}),
        help_text="No personal numbers.",
        reader="The parent reads these words in an e-mail, as they stand.",
    )
    field_order = ("message", "reason")
