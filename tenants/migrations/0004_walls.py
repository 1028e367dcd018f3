"""The role that requests of `/api/v1/` work as, and the tables it sees one tenant's rows of.

Roles belong to the whole server, so the role may be there already, made by another database's
migration or by an operator. Where we may not make it, PostgreSQL says so and nothing is changed:
`CREATE ROLE stocksprout_tenant NOLOGIN; GRANT stocksprout_tenant TO <the site's role>;`
"""

from django.db import migrations

from tenants.walls import OURS, ROLE, wall

MAKE_ROLE = f"""
    DO $$
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
            CREATE ROLE {ROLE} NOLOGIN;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database's migration was faster
    END
    $$;
    DO $$
    BEGIN
        IF NOT pg_has_role(CURRENT_USER, '{ROLE}', 'SET') THEN
            EXECUTE format('GRANT {ROLE} TO %I', CURRENT_USER);
        END IF;
    END
    $$;
    DO $$
    BEGIN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema());
    END
    $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_members_keys_and_settings"),
        ("core", "0004_idempotent_request"),
    ]
    operations = [
        # The role is left behind: other databases of this server may use it.
        migrations.RunSQL(MAKE_ROLE, migrations.RunSQL.noop),
        wall("tenants_tenant", mine=f"id = {OURS}::uuid"),
        wall("tenants_membership"),
        wall("tenants_apikey"),
        # What `core.idempotency` keeps for a key: `ApiKey.idempotency_owner`.
        wall(
            "core_idempotentrequest",
            mine=f"starts_with(owner, 'tenants.tenant:' || {OURS} || ':')",
            rights="SELECT, INSERT, UPDATE",
        ),
        migrations.RunSQL(
            f"""
            GRANT USAGE ON SEQUENCE core_idempotentrequest_id_seq, core_auditentry_id_seq TO {ROLE};
            GRANT INSERT, SELECT (id) ON core_auditentry TO {ROLE};
            """,
            f"""
            REVOKE ALL ON SEQUENCE core_idempotentrequest_id_seq, core_auditentry_id_seq FROM {ROLE};
            REVOKE ALL ON core_auditentry FROM {ROLE};
            """,
        ),
    ]
