"""Requests that are done in several transactions name who does them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_idempotent_request")]
    operations = [
        migrations.AddField(
            model_name="idempotentrequest",
            name="claim",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="idempotentrequest",
            name="claimed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
