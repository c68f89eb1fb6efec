"""Where a fitted model rests between the run that trained it and the runs that score with it.

In:  a model made of plain dicts, arrays and scikit-learn / LightGBM objects, and its card (data interval, features,
     metrics); out: `<folder>/model.skops` and `<folder>/card.json`, and the way back.
Loading executes nothing that is in the file: the hash must be the card's, library versions must be those that wrote
it, and every type must be on the list below. Pickle is never read. The bytes depend on the model alone, so a re-run
of the same day writes the same file.
"""

import hashlib
import io
import json
import os
import zipfile
from importlib.metadata import version
from pathlib import Path

import skops.io

MODEL_FILE, CARD_FILE = "model.skops", "card.json"
# Types beyond those that skops itself trusts (scikit-learn estimators, numpy arrays) and that our learners consist of.
ALLOWED_TYPES = frozenset(
    {
        "collections.OrderedDict",
        "lightgbm.basic.Booster",
        "lightgbm.sklearn.LGBMClassifier",
        "numpy.dtype",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.tree._tree.Tree",
    }
)
VERSIONED = ("scikit-learn", "skops", "lightgbm", "numpy")  # numpy: recorded, checked by major version only
EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's own beginning of time


class ModelRefused(ValueError):
    """A stored model that must not be used: says which file, why, and what to do."""


def model_id(as_of, *content) -> str:
    """`<as_of>-<12 hex digits>`: the same data, parameters and versions give the same name; no clock."""
    text = json.dumps([str(as_of), package_versions(), *content], sort_keys=True, default=str)
    return f"{as_of}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def package_versions() -> dict[str, str]:
    return {name: version(name) for name in VERSIONED}


def save(model: dict, card: dict, folder: str | Path) -> Path:
    """Write both files aside and rename them; the card comes last, so that a torn save is refused, not read."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = _reproducible(skops.io.dumps(model))
    unknown = _unknown_types(content)
    if unknown:
        raise ModelRefused(f"{folder}: could not be loaded again, types {unknown} are not on the list; use other types")
    card = card | {"package_versions": package_versions(), "sha256": hashlib.sha256(content).hexdigest()}
    _write(folder / MODEL_FILE, content)
    _write(folder / CARD_FILE, (json.dumps(card, indent=1, sort_keys=True, default=str) + "\n").encode())
    return folder


def load(folder: str | Path) -> tuple[dict, dict]:
    """(model, card), or ModelRefused. The checks stand in the order in which they protect: nothing is built early."""
    path = Path(folder) / MODEL_FILE
    card = read_card(folder)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"{path}: not readable ({error.strerror}); train again") from error
    if hashlib.sha256(content).hexdigest() != card.get("sha256"):
        raise ModelRefused(f"{path}: altered or torn, its hash is not the card's; train again or restore the file")
    foreign = _foreign_versions(card.get("package_versions") or {})
    if foreign:
        raise ModelRefused(f"{path}: written by other versions ({', '.join(foreign)}); train again with these packages")
    try:
        unknown = _unknown_types(content)
        if unknown:
            raise ModelRefused(f"{path}: holds types that are not on the list: {unknown}; do not use this file")
        model = skops.io.loads(content, trusted=sorted(ALLOWED_TYPES))
    except ModelRefused:
        raise
    except Exception as error:  # skops raises whatever a malformed archive makes it stumble over
        raise ModelRefused(f"{path}: not a skops file that can be read ({error}); train again") from error
    return model, card


def read_card(folder: str | Path) -> dict:
    path = Path(folder) / CARD_FILE
    try:
        card = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{path}: no readable card ({error}); train again") from error
    if not isinstance(card, dict):
        raise ModelRefused(f"{path}: a card is a JSON object; train again")
    return card


def _unknown_types(content: bytes) -> list[str]:
    return sorted(set(skops.io.get_untrusted_types(data=content)) - ALLOWED_TYPES)


def _foreign_versions(written_by: dict[str, str]) -> list[str]:
    """Packages whose major or minor version differs (numpy: major): their private attributes may have changed."""
    foreign = []
    for name, here in package_versions().items():
        there, parts = str(written_by.get(name, "unknown")), 1 if name == "numpy" else 2
        if there.split(".")[:parts] != here.split(".")[:parts]:
            foreign.append(f"{name} {there}, here {here}")
    return foreign


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(path.name + ".tmp")
    with open(aside, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def _reproducible(content: bytes) -> bytes:
    """skops names parts by memory address and stamps them with the clock: number them in order of appearance."""
    source = zipfile.ZipFile(io.BytesIO(content))
    names, numbers, files = set(source.namelist()), {}, {}

    def renumber(node):
        if isinstance(node, list):
            return [renumber(child) for child in node]
        if not isinstance(node, dict):
            return node
        result = {}
        for key, value in node.items():
            if key == "__id__":
                result[key] = numbers.setdefault(value, len(numbers))
            elif key == "file" and value in names:
                result[key] = files.setdefault(value, f"{len(files)}{Path(value).suffix}")
            else:
                result[key] = renumber(value)
        return result

    schema = renumber(json.loads(source.read("schema.json")))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as target:
        parts = {new: source.read(old) for old, new in files.items()}
        for name, part in {**parts, "schema.json": json.dumps(schema).encode()}.items():
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, part)
    return buffer.getvalue()
