"""`precision airflow` and `precision dashboard`: the front door on localhost, with the scheduler behind it or alone."""

import contextlib
import json
import time

from commands.terminal import fail, out


def airflow() -> None:
    """Scheduler, UI and dashboard on localhost, behind one login."""
    from dags import environment

    _serve("Airflow", environment.PARTS)


def dashboard() -> None:
    """The dashboard alone, behind the same login: nothing is scheduled."""
    _serve("The dashboard", ("api-server",))


def _serve(what: str, parts: tuple[str, ...]) -> None:
    """Until Ctrl-C, or until a part ends by itself, which is a failure."""
    from dags import environment

    environment.prepare()
    settings = environment.settings()
    address = settings["AIRFLOW__API__BASE_URL"].rstrip("/")
    out.print(f"{what} starts in half a minute; Ctrl-C stops it.")
    out.print(f"  dashboard, reports  {address}/marketing/", soft_wrap=True)
    if "scheduler" in parts:
        out.print(f"  Airflow             {address}/", soft_wrap=True)
    out.print(f"  login               {login()}", soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt), environment.running(settings, parts=parts) as processes:
        while all(process.poll() is None for process in processes):
            time.sleep(1)
        fail(f"A part of {what} stopped; what it said stands above.")


def login() -> str:
    """User and where the password is; the password itself only to a person at a terminal, so that no log keeps it."""
    from dags import environment

    file = environment.password_file()
    said = f"admin, password in {file}"
    if out.is_terminal and file.exists():
        said += f": {json.loads(file.read_text(encoding='utf-8'))['admin']}"
    return said
