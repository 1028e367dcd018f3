"""The second wall between tenants, kept by PostgreSQL: row-level security.

The first wall is our own queries. What they forget the second holds: a request of `/api/v1/` does
its work as the role `stocksprout_tenant`, which sees only rows of the tenant named in the setting
`stocksprout.tenant`, and none while it is not set. Both last until the end of the transaction.

Our pages, the desk and the workers go on as the role that signed in to PostgreSQL; the policy lets
every role but that one through. (https://www.postgresql.org/docs/current/ddl-rowsecurity.html)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, migrations, transaction

ROLE = "stocksprout_tenant"
TENANT = "stocksprout.tenant"
SET = """
    WITH before AS MATERIALIZED (
        SELECT current_setting('role') AS role,
            coalesce(current_setting(%(name)s, true), '') AS tenant
    )
    SELECT role, tenant, set_config('role', %(role)s, true), set_config(%(name)s, %(tenant)s, true)
    FROM before
"""
OURS = f"NULLIF(current_setting('{TENANT}', true), '')"


@contextmanager
def inside(tenant_id: UUID) -> Iterator[None]:
    """Do what is inside as one transaction that sees this tenant's rows only.

    It may be inside somebody's transaction, which afterwards goes on as before: behind its own
    wall, or behind none.
    """
    with transaction.atomic():
        before = _set(ROLE, str(tenant_id))
        yield
        _set(*before)  # after an error the rollback has done it


def wall(table: str, *, mine: str = "", rights: str = "SELECT") -> migrations.RunSQL:
    """Return the step of a migration that puts a table behind the wall.

    :param mine: SQL that is true of the tenant's own rows; by default by the column `tenant_id`
    :param rights: what the role may do with them
    """
    condition = mine or f"tenant_id = {OURS}::uuid"
    policy = f"CURRENT_USER <> '{ROLE}' OR ({condition})"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY one_tenant ON {table} USING ({policy}) WITH CHECK ({policy});
        GRANT {rights} ON {table} TO {ROLE};
        """,
        f"""
        REVOKE ALL ON {table} FROM {ROLE};
        DROP POLICY one_tenant ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def _set(role: str, tenant: str) -> tuple[str, str]:
    """Set both until the end of the transaction, as SET LOCAL would; return what they were."""
    with connection.cursor() as cursor:
        cursor.execute(SET, {"role": role, "name": TENANT, "tenant": tenant})
        before: tuple[str, str] = cursor.fetchone()[:2]
        return before
