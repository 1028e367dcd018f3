"""StockSprout itself prefills its parents' form by all means there are."""

from typing import Any

from django.db import migrations


def enable(apps: Any, schema_editor: Any) -> None:
    apps.get_model("tenants", "Tenant").objects.filter(slug="stocksprout").update(
        phone_enabled=True,
        aggregation_enabled=True,
        aggregation_products=["auth", "identity", "layer"],
    )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_walls")]
    operations = [migrations.RunPython(enable, migrations.RunPython.noop)]
