"""What happens when a task fails: bad input is not tried again, anything else is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

MARK = "PRECISION_ERROR "  # `make run` finds the message behind it


@contextmanager
def bad_input_fails_at_once() -> Iterator[None]:
    """Errors about the input (ValueError and its kin, which say what, where and what to do) are not tried again."""
    from airflow.sdk.exceptions import AirflowFailException

    try:
        yield
    except Exception as error:
        print(MARK + json.dumps(f"{type(error).__name__}: {error}"), flush=True)
        if isinstance(error, ValueError):
            raise AirflowFailException(str(error)) from error
        raise
