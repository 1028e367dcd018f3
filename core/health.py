"""Whether this process can serve: for load balancers and `make demo`."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views import View


class Healthy(View):
    """Answer 200 where the database answers."""

    def get(self, request: HttpRequest) -> JsonResponse:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return JsonResponse({"healthy": True})
