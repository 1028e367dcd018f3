"""The lock: read by every installer, complete, and made for the Pythons we say."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(site.BASE_DIR)
LOCKS = ("requirements.txt", "requirements-dev.txt")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(lock: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Return each pin of a lock with its hashes."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield Requirement(line.split("--hash")[0]), HASH.findall(line)


def wanted(source: str) -> Iterator[Requirement]:
    """Return what a source asks for, those it includes too."""
    for line in (ROOT / source).read_text().splitlines():
        asked = line.split("#")[0].strip()
        if asked.startswith("-r"):
            yield from wanted(asked.split()[1])
        elif asked:
            yield Requirement(asked)


def pins(lock: str) -> dict[str, Requirement]:
    return {canonicalize_name(pin.name): pin for pin, _hashes in entries(lock)}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_one_exact_version_with_hashes(lock: str) -> None:
    found = list(entries(lock))

    assert len(found) > 50
    for pin, hashes in found:
        assert [part.operator for part in pin.specifier] == ["=="], pin
        assert hashes, pin
        assert pin.url is None, pin


@pytest.mark.parametrize("lock", LOCKS)
def test_every_source_is_pinned_with_its_extras(lock: str) -> None:
    pinned = pins(lock)

    for asked in wanted(lock.replace(".txt", ".in")):
        pin = pinned[canonicalize_name(asked.name)]
        assert asked.extras <= pin.extras, pin
        assert asked.specifier.contains(next(iter(pin.specifier)).version), pin


@pytest.mark.parametrize("lock", LOCKS)
def test_what_a_pinned_package_asks_for_with_extras_is_pinned_with_them(lock: str) -> None:
    """Old installers compare `coverage[toml]` with the lock word for word and miss `coverage`."""
    from importlib.metadata import PackageNotFoundError, requires

    pinned = pins(lock)
    compared = 0
    for name, pin in pinned.items():
        try:
            needs = requires(name) or []
        except PackageNotFoundError:  # for another system than this one
            continue
        for need in map(Requirement, needs):
            if not need.extras or not _applies(need, pin.extras):
                continue
            met = pinned[canonicalize_name(need.name)]
            assert need.extras <= met.extras, (name, str(need), str(met))
            compared += 1
    assert compared or lock == "requirements.txt"


def _applies(need: Requirement, extras: set[str]) -> bool:
    marker = need.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def test_both_locks_agree() -> None:
    production, all_of_it = pins("requirements.txt"), pins("requirements-dev.txt")

    for name, pin in production.items():
        assert all_of_it[name].specifier == pin.specifier, name


def test_the_lock_is_of_this_environment() -> None:
    from importlib.metadata import version

    for name in ("django", "granian", "pytest", "uv"):
        assert f"=={version(name)}" == str(pins("requirements-dev.txt")[name].specifier)


def test_an_old_python_is_told_before_anything_is_installed(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.13" && exit 0\nexit 1\n')
    old.chmod(0o755)

    done = subprocess.run(
        ["make", "demo", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert "StockSprout needs Python 3.11 or newer" in done.stderr
    assert "is Python 3.10.13" in done.stderr
    assert "PYTHON=python3.12" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_this_python_is_one_we_name() -> None:
    readme = (ROOT / "README.md").read_text()

    assert f"3.{sys.version_info.minor}" in readme
