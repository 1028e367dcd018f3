"""Failures in the auditor's comparisons show both sides."""

import pytest

pytest.register_assert_rewrite("tests.money.auditor")
