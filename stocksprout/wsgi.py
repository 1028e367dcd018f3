"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from stocksprout.patience import name_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksprout.settings")
name_process("web")
_site = get_wsgi_application()

from core.bodies import WholeBodies  # noqa: E402 (needs the settings)
from core.bulkhead import Bulkhead  # noqa: E402 (needs the settings)

application = Bulkhead(WholeBodies(_site))

# A web server runs no system checks by itself; production must not serve what they refuse.
from django.core.management import call_command  # noqa: E402 (needs the settings)

call_command("check", "--fail-level", "ERROR")
