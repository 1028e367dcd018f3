"""StockSprout itself is the first tenant."""

from typing import Any

from django.db import migrations


def add(apps: Any, schema_editor: Any) -> None:
    Tenant = apps.get_model("tenants", "Tenant")
    Tenant.objects.get_or_create(slug="stocksprout", defaults={"name": "StockSprout"})


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
