"""Every room's sweep, and the sealing of the audit trail, in one round."""

from datetime import datetime

import structlog
from django.apps import apps
from django.utils.module_loading import import_string

from core import audit

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
            except Exception:
                log.exception("sweep_failed", room=config.label)
    return done + audit.seal_entries(at=at)
