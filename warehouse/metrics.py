"""Key figures as dbt_project/models/semantic declares them, once, for everybody: mart_kpi and dim_metric are written
from them, MetricFlow answers queries from the same files.

In: the YAML files of the semantic layer. Out: measures and metrics as plain dictionaries, which dbt gets as a variable.
"""

import json
from functools import cache

import yaml
from jsonschema import Draft202012Validator

from warehouse import paths

PROJECT = paths.REPOSITORY / "dbt_project"
FOLDER = PROJECT / "models" / "semantic"
SCHEMA = PROJECT / "metric.schema.json"


class MetricError(ValueError):
    """A declaration that no figure can be made of: says which file, where, and what is wrong."""


@cache
def declared() -> dict[str, dict]:
    """{"measures": {name: {description, reason, entity?}}, "metrics": {name: {label, type, …}}}, in order of names.

    A measure with `create_metric` is a metric of its own, as in MetricFlow. Raises MetricError where a file does not
    follow dbt_project/metric.schema.json, or a metric is made of something that is not declared.
    """
    measures, metrics = {}, {}
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for path in sorted(FOLDER.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if faults := sorted(validator.iter_errors(content), key=lambda e: [str(part) for part in e.absolute_path]):
            raise MetricError("\n".join(f"{path.name}, {_place(content, e)}: {e.message}" for e in faults))
        for model in content.get("semantic_models", []):
            for measure in model["measures"]:
                name = measure["name"]
                measures[name] = {"description": measure["description"], **measure["config"]["meta"]}
                if measure.get("create_metric"):
                    metrics[name] = {"type": "simple", "type_params": {"measure": name}}
        for metric in content.get("metrics", []):
            metrics[metric["name"]] = {**metric, "meta": metric.get("config", {}).get("meta", {})}
    if unknown := _unknown(measures, metrics):
        raise MetricError("models/semantic: " + "; ".join(unknown))
    return {"measures": dict(sorted(measures.items())), "metrics": dict(sorted(metrics.items()))}


def _unknown(measures: dict, metrics: dict) -> list[str]:
    found = []
    for name, metric in sorted(metrics.items()):
        params = metric["type_params"]
        parts = [params.get("numerator"), params.get("denominator"), *(m["name"] for m in params.get("metrics", []))]
        named = [params.get("measure"), *metric.get("meta", {}).get("needs", [])]
        for kind, names, known in (("metric", parts, metrics), ("measure", named, measures)):
            missing = [each for each in names if each and each not in known]
            found += [f"{name} is made of {kind} {each}, which is not declared" for each in missing]
    return found


def _place(content: dict, error) -> str:
    """Which metric or measure a fault is about, else where it stands."""
    here, name = content, ""
    for part in error.absolute_path:
        here = here[part]
        name = here.get("name", name) if isinstance(here, dict) else name
    return name or "/".join(str(part) for part in error.absolute_path) or "top"
