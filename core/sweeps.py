"""Every room's sweep, and what core does for all of them, in one round."""

from datetime import datetime

import structlog
from django.apps import apps
from django.utils.module_loading import import_string

from core import audit, parking, retention
from core.outages import is_away

log = structlog.get_logger()


def sweep_all(at: datetime) -> int:
    """Run the sweep of each app that names one (`AppConfig.sweep`); return how much was done.

    A room that fails does not keep the others from their round.
    """
    done = 0
    for config in apps.get_app_configs():
        if path := getattr(config, "sweep", None):
            try:
                done += import_string(path)(at)
            except Exception as error:
                if is_away(error):
                    raise  # for all of them
                log.exception("sweep_failed", room=config.label)
    done += audit.seal_entries(at=at)
    for work in (parking.alert, retention.forget):
        try:
            done += work(at)
        except Exception:
            log.exception("sweep_failed", room=work.__module__)
    return done
