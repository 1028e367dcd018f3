"""Pages whose action a kill switch closes: they say so at their top, before anybody types."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.views.generic import TemplateView

from core.switches import Halt, get_halt


class HaltingPage(TemplateView):
    """A page; `halted_by` names the switch that closes its action, if one does.

    Every template has `halt` then: `base.html` shows it on top, and the page's own template leaves
    the action's button out. A page where nothing is to be done now answers False to `is_closing`.
    A form that a halt refused has it too (`core.forms.show_refusal`): it is told there, once.
    `delayed_by` names one that closes nothing here: what is asked for is taken, and waits.
    """

    halted_by: ClassVar[str] = ""
    delayed_by: ClassVar[str] = ""

    def is_closing(self, context: dict[str, Any]) -> bool:
        """Say whether the action is one the page would offer otherwise."""
        return True

    def get_halt(self) -> Halt | None:
        return get_halt(self.halted_by) if self.halted_by else None

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if (self.halted_by or self.delayed_by) and self.is_closing(context):
            context["halt"] = self.get_halt()
            context["delay"] = get_halt(self.delayed_by) if self.delayed_by else None
        if not context.get("halt"):
            refused = [getattr(one, "halt", None) for one in context.values()]
            context["halt"] = next(filter(None, refused), None)
        return super().render_to_response(context, **kwargs)
