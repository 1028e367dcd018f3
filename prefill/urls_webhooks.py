"""Where vendors tell us something."""

from django.urls import path, register_converter

from prefill.webhooks import TakePlaidEvent
from tenants.models import Mode


class ModeConverter:
    """`live` or `test`."""

    regex = "|".join(Mode.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ModeConverter, "mode")
urlpatterns = [
    path("plaid/<mode:mode>", TakePlaidEvent.as_view(), name="take-plaid-event"),
]
