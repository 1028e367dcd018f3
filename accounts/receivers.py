"""A new user becomes a parent of the default tenant."""

from typing import Any

from accounts.models import User
from accounts.operations import create_parent
from core import clock
from tenants.models import get_default_tenant


def on_user_signed_up(*, user: User, **_kwargs: Any) -> None:
    create_parent(user=user, tenant=get_default_tenant(), at=clock.now())
