"""What staff do at the desk: a button, a reason in their words, one operation, one audit row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from core import clock
from core.adminsite import ReadOnlyAdmin
from core.forms import FreeText
from core.parking import try_again
from core.problems import refusals_shown


class ReasonForm(forms.Form):
    reason = FreeText(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text="What you found and why you do this. No personal data; it is kept for ever.",
        reader="Staff and auditors read it; the family does not.",
    )


def _nothing(_row: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class DeskAction:
    """A button on a row's page.

    :param run: called with the row, `by` (the user), `reason` (their words) and `at`, and with what
        else `form` asks
    :param offered: says whether the row, as it stands, has the button
    :param initial: what the form shows at first
    :param shows: what is hidden otherwise, label by label, shown once it is done
    """

    name: str
    label: str
    run: Callable[..., Any]
    offered: Callable[[Any], bool]
    done: str = "Done."
    explanation: str = ""
    form: type[ReasonForm] = ReasonForm
    initial: Callable[[Any], dict[str, Any]] = _nothing
    shows: Callable[[Any], list[tuple[str, str]]] | None = None


class ActingAdmin(ReadOnlyAdmin):
    """A table staff read, with buttons for what they may do; who may change rows may press them."""

    desk_actions: ClassVar[tuple[DeskAction, ...]] = ()
    change_form_template = "admin/acting_change_form.html"

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        act = path("<path:pk>/act/<slug:action>/", self.admin_site.admin_view(self.act), name=name)
        return [act, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, object_id)
        shown = self._offered(request, row) if row is not None else []
        buttons = [{"label": one.label, "url": f"../act/{one.name}/"} for one in shown]
        context = (extra_context or {}) | {"desk_buttons": buttons}
        return super().change_view(request, object_id, form_url, context)

    def act(self, request: HttpRequest, pk: str, action: str) -> HttpResponse:
        """Ask for the reason, then do it."""
        if not self.may_act(request):
            raise PermissionDenied
        row = self.get_object(request, pk)
        chosen = next((one for one in self._offered(request, row) if one.name == action), None)
        if row is None or chosen is None:
            raise Http404
        form = chosen.form(request.POST or None, initial=chosen.initial(row))
        context = self.admin_site.each_context(request) | {
            "title": chosen.label,
            "action": chosen,
            "original": row,
            "opts": self.opts,
            "form": form,
        }
        if not form.is_valid():
            return TemplateResponse(request, "admin/act.html", context)
        with refusals_shown(request):
            chosen.run(row, by=request.user, at=clock.now(), **form.cleaned_data)
            if chosen.shows:
                facts = chosen.shows(row)
                return TemplateResponse(request, "admin/shown.html", context | {"facts": facts})
            messages.success(request, chosen.done)
        back = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(back, args=[row.pk]))

    def may_act(self, request: HttpRequest) -> bool:
        """Say whether this member of staff may press the buttons."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}"))

    def _offered(self, request: HttpRequest, row: Any) -> list[DeskAction]:
        if row is None or not self.may_act(request):
            return []
        return [action for action in self.get_desk_actions() if action.offered(row)]

    def get_desk_actions(self) -> tuple[DeskAction, ...]:
        """Return what may be done to rows of this table, in the order of the buttons."""
        return self.desk_actions


TRY_AGAIN = DeskAction(
    "try-again",
    "Try again",
    try_again,
    lambda row: row.is_parked,
    done="A worker takes it up within seconds.",
    explanation="It failed time and again and was parked. Press this once the cause is mended.",
)


class DrivenAdmin(ActingAdmin):
    """A table of driven rows: what is parked can be listed and tried again."""

    def get_desk_actions(self) -> tuple[DeskAction, ...]:
        return (*self.desk_actions, TRY_AGAIN)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*super().get_list_filter(request), ("parked_at", admin.EmptyFieldListFilter))
