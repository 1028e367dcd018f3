"""Requests name whom they are about, and those done in several transactions who does them."""

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
        migrations.AddField(
            model_name="idempotentrequest",
            name="about",
            field=models.UUIDField(
                db_index=True, help_text="The person in `body`, forgotten with them", null=True
            ),
        ),
    ]
