"""Pages about where accounts are opened: the question that comes first, and the waiting list."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from accounts import operations, waiting
from accounts.models import STATES, WaitingPlace
from accounts.pages import ParentPage, get_ip_address
from accounts.public import PublicPage
from accounts.states import list_open_places, list_places
from core import clock
from core.errors import Invalid
from core.throttle import Throttle

PICK = ("", gettext_lazy("Choose one"))
# A person joins once; whoever sends many addresses would have us write to strangers.
throttle = Throttle(0.02)
TOO_MANY = gettext_lazy("That was very often. Wait a few minutes, then try again.")


class StateForm(forms.Form):
    """Where somebody wants to open accounts."""

    state = forms.ChoiceField(
        label=gettext_lazy("Where do you live?"),
        help_text=gettext_lazy("If the child lives in another state, you may choose that one."),
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(place.code, place.name) for place in list_places(today=clock.today())]
        self.fields["state"].choices = [PICK, *places]  # type: ignore[attr-defined]


class WaitingForm(forms.Form):
    """An address and the state it waits for."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"), widget=forms.Select(attrs={"autocomplete": "address-level1"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        closed = [
            (place.code, place.name)
            for place in list_places(today=clock.today())
            if not place.is_open
        ]
        self.fields["state"].choices = [PICK, *closed]  # type: ignore[attr-defined]


class ChooseState(ParentPage):
    """Ask where before anything else is asked; where we are not yet, offer the waiting list."""

    template_name = "accounts/choose_state.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(StateForm(initial={"state": self.parent.state}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = StateForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        state = form.cleaned_data["state"]
        if "wait" in request.POST:
            email = self.parent.user.email
            waiting.join(email=email, state=state, at=clock.now(), confirmed_by=self.parent.user)
            told = _("We will write to %(email)s once we open accounts in %(state)s.")
            messages.success(request, told % {"email": email, "state": STATES[state]})
            return redirect("home")
        try:
            operations.choose_state(parent=self.parent, state=state, at=clock.now())
        except Invalid:
            return self._show(form, closed=str(STATES[state]))
        return redirect("kyc" if hasattr(self.parent, "profile") else "start")

    def _show(self, form: StateForm, status: int = 200, closed: str = "") -> HttpResponse:
        context = {
            "form": form,
            "closed": closed,
            "email": self.parent.user.email,
            "open_places": list_open_places(today=clock.today()),
        }
        return self.render_to_response(context, status=status)


class WaitingList(PublicPage):
    """Leave an address for a state where accounts are not opened yet."""

    template_name = "accounts/waiting_list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(WaitingForm(initial={"state": request.GET.get("state", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take it; whether the address was there before, the answer does not tell."""
        form = WaitingForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        if not throttle.admits(get_ip_address(request) or "unknown"):
            form.add_error(None, str(TOO_MANY))
            return self._show(form, status=429)
        data = form.cleaned_data
        waiting.join(email=data["email"], state=data["state"], at=clock.now())
        return self.render_to_response({"sent_to": data["email"], "state": STATES[data["state"]]})

    def _show(self, form: WaitingForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "open_places": list_open_places(today=clock.today())}
        return self.render_to_response(context, status=status)


class WaitingLink(TemplateView):
    """A page that a link in a mail leads to; it acts on a POST alone, so that no preview does."""

    act = ""
    do: Callable[..., object]  # an operation of (place, at), kept as a static method

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        place = waiting.find_by_link(kwargs["secret"], self.act)
        return self._show(place, status=200 if place else 410)

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        place = waiting.find_by_link(secret, self.act)
        if place is not None:
            self.do(place, at=clock.now())
        return self._show(place, done=place is not None, status=200 if place else 410)

    def _show(self, place: WaitingPlace | None, status: int, *, done: bool = False) -> HttpResponse:
        state = str(STATES[place.state]) if place else ""
        context = {"state": state, "done": done, "over": place is None}
        return self.render_to_response(context, status=status)


class ConfirmWaiting(WaitingLink):
    """Say that the address is one's own."""

    template_name = "accounts/confirm_waiting.html"
    act = "confirm"
    do = staticmethod(waiting.confirm)


@method_decorator(csrf_exempt, name="dispatch")  # mail programs press it too (RFC 8058)
class LeaveWaiting(WaitingLink):
    """Have the address forgotten."""

    template_name = "accounts/leave_waiting.html"
    act = "leave"
    do = staticmethod(waiting.leave)
