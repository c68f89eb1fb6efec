"""The lineage says what the dashboard reads: each page is an exposure of just the marts that its code names."""

import re
from pathlib import Path

import pytest
import yaml

from dashboard.pages import PAGES
from tests.warehouse.hand_built import contracts
from warehouse.paths import REPOSITORY

FOLDER = REPOSITORY / "dashboard" / "pages"
BEYOND = {"customer": [REPOSITORY / "activation" / "explain.py"]}  # what a page reads through other code


def exposures() -> dict[str, dict]:
    content = yaml.safe_load((REPOSITORY / "dbt_project" / "models" / "exposures.yml").read_text(encoding="utf-8"))
    return {exposure["name"]: exposure for exposure in content["exposures"]}


def marts_of(page: str) -> set[str]:
    """Marts that the page's modules name."""
    files: list[Path] = [FOLDER / f"{page}.py", *FOLDER.glob(f"{page}_*.py"), *BEYOND.get(page, [])]
    named = {name for file in files for name in re.findall(r"\b(?:dim|fct|mart)_[a-z_]+", file.read_text("utf-8"))}
    return named & set(contracts())


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_an_exposure_of_what_it_reads(page):
    exposure = exposures()[f"page_{page}"]
    assert {re.search(r"'(\w+)'", ref)[1] for ref in exposure["depends_on"]} == marts_of(page)
    assert f"/marketing/{page}" in exposure["description"]


def test_no_page_is_forgotten():
    assert {name for name in exposures() if name.startswith("page_")} == {f"page_{page}" for page in PAGES}
