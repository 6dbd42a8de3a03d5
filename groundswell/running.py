"""`groundswell run`: prepare, say where the dashboard is, and supervise."""

from __future__ import annotations

import socket

from rich.console import Console

from groundswell.bootstrap import House, prepare
from groundswell.supervision import Supervisor, children


def run(house: House) -> int:
    """Run both processes until a signal; return the exit status."""
    console = Console(stderr=True, highlight=False)
    if taken := _port_taken(house.settings.host, house.settings.port):
        console.print(taken, markup=False, soft_wrap=True)
        return 2
    # Not `prepare` alone: the key is made here, so that the output can name it before anything needs it.
    provisioned = prepare(house)
    key = house.secret_key()
    if key.made:
        console.print(
            f"Made the key that encrypts stored secrets: {key.path}\n"
            "Keep a copy of it somewhere safe: backups of the database never contain it.",
            markup=False,
            soft_wrap=True,
        )
    if provisioned is not None and provisioned.kept:
        taken_over = ", ".join(provisioned.kept)
        console.print(f"Left as people changed them in the dashboard: {taken_over}", markup=False, soft_wrap=True)
    _announce(console, house)
    options = ("--config", str(house.config_path.absolute())) if house.config_path else ()
    house.db.close()
    return Supervisor(children=children(options), environ=house.environ).run()


def _announce(console: Console, house: House) -> None:
    what = "the sample workspace (invented mentions)" if house.sample else "your workspace"
    console.print(f"\nGroundswell opens {what}.", markup=False)
    console.print(f"Dashboard: {house.settings.base_url}    (Ctrl-C ends it)\n", markup=False, soft_wrap=True)
    if house.sample:
        console.print("To listen for your own brand: groundswell init\n", markup=False)


def _port_taken(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return (
                f"The dashboard cannot listen on {host}:{port}: {error.strerror}. Is Groundswell running already? "
                "Set another port with server.port in groundswell.yaml or GROUNDSWELL_PORT. Nothing was started."
            )
    return None
