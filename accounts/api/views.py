"""What every endpoint of the parents' API stands on."""

from functools import cached_property

from rest_framework.views import APIView

from accounts.models import Parent
from accounts.queries import get_parent


class ParentAPI(APIView):
    """An endpoint for a signed-in parent; `self.parent` is who asks."""

    @cached_property
    def parent(self) -> Parent:
        return get_parent(self.request)
