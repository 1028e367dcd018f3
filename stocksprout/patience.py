"""How long PostgreSQL may keep each kind of process waiting, before it gives up and says so.

Without these one statement that waits for a lock holds a thread of the web server for ever, and
the next visitor takes the next thread.
(https://www.postgresql.org/docs/current/runtime-config-client.html)
"""

import os
from dataclasses import dataclass

PROCESS = "STOCKSPROUT_PROCESS"
CONNECT_SECONDS = 5
BY_COMMAND = {
    "run_worker": "worker",
    "run_queue": "worker",
    "consume_broker_events": "worker",
    "migrate": "migration",
}


@dataclass(frozen=True)
class Patience:
    """Seconds; 0 is without end. `lock`: for any one lock. `idle`: inside a transaction."""

    statement: int
    lock: int
    idle: int

    @property
    def options(self) -> str:
        """Return what libpq passes on at the beginning of a connection."""
        return (
            f"-c statement_timeout={self.statement}s -c lock_timeout={self.lock}s"
            f" -c idle_in_transaction_session_timeout={self.idle}s"
        )


PATIENCE = {
    "web": Patience(statement=10, lock=3, idle=15),
    "worker": Patience(statement=120, lock=10, idle=60),
    "migration": Patience(statement=0, lock=5, idle=300),
    "command": Patience(statement=0, lock=30, idle=900),
}


def name_process(name: str) -> None:
    """Say what this process and its children are, before the settings are read."""
    os.environ[PROCESS] = name


def be_patient(database: dict[str, object], process: str) -> dict[str, object]:
    """Return a database's settings with the bounds of a kind of process.

    :param process: a key of PATIENCE
    :raises KeyError: no such kind
    """
    given = database.get("OPTIONS")
    options = dict(given) if isinstance(given, dict) else {}
    own = str(options.get("options", ""))  # of the address; what stands later wins
    options["options"] = f"{PATIENCE[process].options} {own}".strip()
    options.setdefault("connect_timeout", CONNECT_SECONDS)
    return database | {"OPTIONS": options}
