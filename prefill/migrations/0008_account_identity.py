from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("prefill", "0007_resume_link_session"),
    ]

    operations = [
        migrations.AddField(
            model_name="plaidaccount",
            name="number_index",
            field=models.CharField(
                blank=True, db_default="", help_text="Keyed hash of its numbers", max_length=64
            ),
        ),
        migrations.AddField(
            model_name="plaidaccount",
            name="persistent_id",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Plaid's, the same in every login",
                max_length=100,
            ),
        ),
    ]
