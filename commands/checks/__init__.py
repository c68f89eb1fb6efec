"""What `precision doctor` looks at: the machine, Airflow, and each shop. A check finds one thing, and says how to mend
it in a sentence."""

from dataclasses import dataclass

OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True)
class Check:
    """One finding. A warning is what may be meant so; a failure is what will stop a run or endangers data."""

    about: str  # machine, Airflow or the name of a shop
    name: str
    state: str
    found: str
    mend: str = ""
