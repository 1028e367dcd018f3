"""Load the UTMA table (`accounts/data/utma.csv`)."""

import csv
from pathlib import Path
from typing import Any

from django.db import migrations

TABLE = Path(__file__).parent.parent / "data" / "utma.csv"


def load(apps: Any, schema_editor: Any) -> None:
    UtmaRule = apps.get_model("accounts", "UtmaRule")
    with TABLE.open(newline="") as file:
        for row in csv.DictReader(file):
            UtmaRule.objects.get_or_create(
                state=row["state"],
                effective_from=row["effective_from"],
                defaults={
                    "age": row["age"] or None,
                    "status": row["status"],
                    "source": row["source"],
                    "verified_on": row["verified_on"],
                },
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
