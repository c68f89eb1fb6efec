"""Raw files of a shop to decisions about each customer, from the command line: `./precision COMMAND`.

Exit codes: 0 done, 1 failed or refused, 2 called wrongly. With --json, stdout holds JSON and nothing else.
"""

import typer

from commands import (
    activate,
    airflow,
    backfill,
    docs,
    doctor,
    erase,
    explain,
    new_source,
    run,
    sources,
    sql,
    terminal,
    versions,
)

app = typer.Typer(
    cls=terminal.Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a local may hold a secret
    help=__doc__,
)
for command in (
    run.run,
    backfill.backfill,
    airflow.airflow,
    airflow.dashboard,
    docs.docs,
    doctor.doctor,
    sources.sources,
    new_source.new_source,
    explain.explain,
    sql.sql,
    versions.versions,
    versions.rollback,
    activate.activate,
    activate.settle,
    erase.erase,
    erase.retention,
):
    app.command()(command)


if __name__ == "__main__":
    app(prog_name="precision")
