"""Put a planned shop into the project: its declaration and its staging models, all of them or none.

In: a plan and the two folders. Out: files. Nothing that exists is overwritten unless that is asked for.
"""

from pathlib import Path

import yaml

from shops.declaration import parse
from shops.new_source.declaration_text import declaration_text
from shops.new_source.model_text import model_yml, sources_yml
from shops.new_source.models import models
from shops.new_source.plan import Plan
from shops.new_source.refusal import Refused


def texts(plan: Plan, shops: Path, staging: Path) -> dict[Path, str]:
    """{file: text} of everything to be written. Raises ShopError if the declaration were not valid."""
    folder = staging / plan.name
    found = {
        shops / f"{plan.name}.yml": declaration_text(plan),
        folder / f"_{plan.name}__sources.yml": sources_yml(plan),
    }
    for name, model in models(plan).items():
        found[folder / f"stg_{plan.name}__{name}.sql"] = model.sql
        found[folder / f"stg_{plan.name}__{name}.yml"] = model_yml(plan, name, model)
    parse(plan.name, yaml.safe_load(found[shops / f"{plan.name}.yml"]))
    return found


def write(found: dict[Path, str], force: bool) -> None:
    """Raises Refused, before anything is written, when a file exists and `force` is not given."""
    folder = next(path.parent for path in found if path.suffix == ".sql")
    old = [path for path in found if path.exists()]
    stale = sorted(set(folder.glob("*stg_*")) - set(found)) if folder.is_dir() else []
    if (old or stale) and not force:
        raise Refused(
            f"{(old or stale)[0]} exists already. Take another name for the shop, or give --force to write it anew: "
            "what was changed by hand in its declaration and staging models is then lost"
        )
    for path in stale:
        path.unlink()
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
