"""`python -m bench`: run every benchmark, one after the other."""

import pkgutil
import subprocess
import sys

import bench


def main() -> int:
    """Return 0 where all of them ran to their end."""
    worst = 0
    for module in pkgutil.iter_modules(bench.__path__):
        if module.name == "__main__" or module.name.startswith("_"):
            continue
        print(f"== bench.{module.name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{module.name}"], check=False)  # noqa: S603
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
