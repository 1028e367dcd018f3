"""``python -m sandbox``: run the sandbox alone. Each option can also come from SANDBOX_<NAME>."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.config import Config
from sandbox.documented import FULL, MODES
from sandbox.drivewealth.editions import EDITIONS
from sandbox.server import run
from sandbox.wire import read_moment


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the options, run until told to leave, return the exit code."""
    try:
        run(_config(_parser().parse_args(arguments)))
    except (ValueError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="The vendors on loopback.")

    def option(name: str, default: str, text: str) -> None:
        variable = "SANDBOX_" + name.upper().replace("-", "_")
        parser.add_argument(
            f"--{name}",
            default=os.environ.get(variable, default),
            help=f"{text} (${variable}, default {default or 'none'})",
        )

    option("host", "127.0.0.1", "address to listen on")
    option("port", "8801", "port to listen on, 0 for any free one")
    option("state", "", "snapshot file that outlives a restart")
    option("clock-file", "", "file that always holds the clock's offset in seconds")
    option("start-at", "", "world time to start at, ISO 8601, when there is no snapshot")
    option("mail-folder", "", "folder the application puts its mail into, for the outbox page")
    option("site-url", "", "address of the application, for links to its pages")
    option("relay-url", "", "address every event is posted to")
    option("relay-secret", "", "key of the relay's signature")
    option("client-id", Config.client_id, "DriveWealth client id to accept")
    option("client-secret", Config.client_secret, "DriveWealth client secret to accept")
    option("app-key", Config.app_key, "DriveWealth application key to accept")
    option("bank-key", Config.bank_key, "key of the parent's bank to accept")
    option("plaid-client-id", Config.plaid_client_id, "Plaid client id to accept")
    option("plaid-secret", Config.plaid_secret, "Plaid secret to accept")
    option(
        "plaid-redirect-uris",
        ",".join(Config.plaid_redirect_uris),
        "comma-separated addresses Plaid may send people back to",
    )
    option("spinwheel-key", Config.spinwheel_key, "Spinwheel key to accept")
    option("edition", Config.edition, "edition of DriveWealth's description: 2026-08-26 or 1.0")
    option("rate-limit", "0", "vendor calls a second, 0 for no limit")
    option("answers", FULL, "documented: DriveWealth and Plaid tell no more than they document")
    parser.add_argument(
        "--quiet",
        action="store_true",
        default=os.environ.get("SANDBOX_QUIET", "") not in ("", "0", "false"),
        help="log nothing but errors ($SANDBOX_QUIET)",
    )
    return parser


def _config(options: argparse.Namespace) -> Config:
    if options.relay_url and not options.relay_secret:
        raise ValueError("--relay-url needs --relay-secret")
    if options.answers not in MODES:
        raise ValueError(f"--answers is one of {', '.join(MODES)}")
    return Config(
        host=options.host,
        port=int(options.port),
        state_path=Path(options.state) if options.state else None,
        clock_file=Path(options.clock_file) if options.clock_file else None,
        start_at=read_moment(options.start_at) if options.start_at else None,
        mail_folder=Path(options.mail_folder) if options.mail_folder else None,
        site_url=_address(options.site_url),
        relay_url=options.relay_url,
        relay_secret=options.relay_secret,
        client_id=options.client_id,
        client_secret=options.client_secret,
        app_key=options.app_key,
        bank_key=options.bank_key,
        plaid_client_id=options.plaid_client_id,
        plaid_secret=options.plaid_secret,
        plaid_redirect_uris=tuple(filter(None, options.plaid_redirect_uris.split(","))),
        spinwheel_key=options.spinwheel_key,
        edition=_edition(options.edition),
        rate_limit=int(options.rate_limit),
        answers=options.answers,
        quiet=options.quiet,
    )


def _edition(name: str) -> str:
    if name not in EDITIONS:
        raise ValueError(f"--edition is one of {', '.join(EDITIONS)}")
    return name


def _address(text: str) -> str:
    """Return an address that links may begin with.

    :raises ValueError: it is none of the web
    """
    if text and urlsplit(text).scheme not in ("http", "https"):
        raise ValueError("--site-url is a web address")
    return text.rstrip("/")


if __name__ == "__main__":
    sys.exit(main())
