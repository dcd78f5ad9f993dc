"""`decidua serve`: the explorer as a site on this machine."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# How long a server that was told to end waits for answers on their way.
LAST_SECONDS = 3


def serve_command(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0 takes a free port.")
    ] = 8765,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; this machine alone unless you change it.")
    ] = "127.0.0.1",
    explorer: Annotated[
        str,
        typer.Option(
            "--explorer", help="personal answers a history typed in; group shows a table of groups instead."
        ),
    ] = "personal",
    comments: Annotated[
        Path | None,
        typer.Option(
            "--comments", metavar="FILE", help="Let readers comment; the database that keeps what they write."
        ),
    ] = None,
) -> None:
    """Open the explorer: a site on this machine with every answer of the program.

    What is typed there is not stored and not sent anywhere, but for comments with --comments. Ctrl-C ends it,
    with all its runs.
    """
    from decidua.base.errors import InputError
    from decidua.cli.comments import refuse_without_isso
    from decidua.web.settings import EXPLORERS, Settings

    if explorer not in EXPLORERS:
        raise InputError(field="--explorer", value=explorer, allowed=", ".join(EXPLORERS))
    if comments:
        refuse_without_isso()
    is_loopback = host in ("127.0.0.1", "localhost", "::1")
    hosts = LOOPBACK if is_loopback else ()
    settings = Settings(explorer=explorer, hosts=hosts, comments=comments)
    if not is_loopback:
        typer.echo(f"anyone who can reach {host} can use this server; see --help", err=True)
    _run(settings, host=host, port=port)


def _run(settings: Any, *, host: str, port: int) -> None:
    import uvicorn

    from decidua.web.app import create_app
    from decidua.web.server import Server

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        access_log=False,  # its lines would hold the query of an address
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    Server(config).run()
