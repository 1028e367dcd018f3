#!/usr/bin/env python
"""Django's command line."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksprout.settings")

    from django.core.management import execute_from_command_line

    from stocksprout.patience import BY_COMMAND, name_process

    name_process(BY_COMMAND.get(sys.argv[1] if len(sys.argv) > 1 else "", "command"))
    execute_from_command_line(sys.argv)
