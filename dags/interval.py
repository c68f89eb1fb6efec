"""Which days a run is for: the partition that Airflow scheduled, or the dates that a person gave by hand."""

from datetime import date, timedelta


def landing_interval(context) -> tuple[str, str]:
    """(start, end): local days [start, end) to land. A scheduled run is for one day, its partition key."""
    params, key = context["params"], context["dag_run"].partition_key
    if params.get("start") and params.get("end"):
        start, end = date.fromisoformat(params["start"]), date.fromisoformat(params["end"])
    elif key:
        start = date.fromisoformat(key)
        end = start + timedelta(days=1)
    else:
        raise ValueError("this run has no partition: give both parameters, start and end (YYYY-MM-DD, end excluded)")
    if start >= end:
        raise ValueError(f"the interval [{start}, {end}) is empty: end is the day after the last one to land")
    return start.isoformat(), end.isoformat()


def moment(context) -> str:
    """as_of: the end of the landed day that triggered the run, or the parameter of that name."""
    params, key = context["params"], context["dag_run"].partition_key
    if params.get("as_of"):
        return date.fromisoformat(params["as_of"]).isoformat()
    if key:
        return (date.fromisoformat(key) + timedelta(days=1)).isoformat()
    raise ValueError("this run has no partition: give the parameter as_of (YYYY-MM-DD)")
