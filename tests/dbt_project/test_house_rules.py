"""What holds for every table that dbt builds: said what it is, owned, used by somebody, its formula with its number."""

import re

import pytest

from warehouse import example_queries

# Marts that implement an equation of L with a number, and the numbers that their description must name.
EQUATIONS = {
    "mart_feature_selection": "Eq. 1 Eq. 2-3 Eq. 4",
    "fct_customer_rfm": "Eq. 5 Eq. 6 Eq. 7",
    "dim_item_lifecycle": "Eq. 8",
    "fct_recommendation": "Eq. 8-12 Eq. 13-14 Eq. 15-18 Eq. 19-20",
    "mart_recommendation_evaluation": "Eq. 8-20",
    "fct_purchase_propensity": "Eq. 1-4",
}
# Marts that implement a numbered table or section of a paper.
SECTIONS = {
    "fct_user_features": "X1..X51",
    "mart_conversion": "X33-X40",
    "mart_survey_descriptives": "L Table 6",
    "mart_survey_correlation": "L Table 8",
    "mart_survey_regression": "L Tables 7, 9, 10, 11",
    "mart_before_after": "Z Table 1",
    "mart_response_regression": "Z Table 3",
    "mart_feedback_sentiment": "Z Table 4",
    "fct_customer_segment": "Z Table 5",
    "fct_customer_strategy": "Z Table 5",
    "mart_strategy_forecast": "Z Table 6",
    "mart_channel_effectiveness": "Z Table 7",
    "mart_grey_relation": "T 4.1.2",
    "mart_grey_relation_point": "T 5.2",
    "dim_customer_history": "X 2.1",
}
EVERYTHING = "exposure.precision_marketing.published_files"


@pytest.fixture(scope="module")
def models(manifest) -> dict[str, dict]:
    found = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert len(found) >= 160
    return found


@pytest.fixture(scope="module")
def marts(models) -> dict[str, dict]:
    found = {name: node for name, node in models.items() if node["schema"] == "marts"}
    assert len(found) >= 59
    return found


def test_every_model_says_first_what_a_row_is(models):
    assert not [name for name, node in models.items() if not node["description"].startswith("One row per ")]


def test_every_column_of_every_model_is_described_and_typed(models):
    bare = [
        f"{name}.{column['name']}"
        for name, node in models.items()
        for column in node["columns"].values()
        if len(column["description"].strip()) < 2 or not column["data_type"]
    ]
    assert not bare
    assert not [name for name, node in models.items() if not node["columns"]]


def test_every_model_is_in_the_group_of_its_subject_which_has_an_owner(models, manifest):
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    assert all(owners.values())
    assert not [name for name, node in models.items() if node["group"] not in owners]
    for name, node in models.items():
        layer, folder = node["fqn"][1], node["fqn"][2]
        if layer == "marts":
            assert node["group"] == folder, name
    assert {node["group"] for node in models.values()} == set(owners), "a group of nobody"


def test_what_is_published_is_public_and_under_contract_and_nothing_else_is(models, marts):
    assert {name for name, node in models.items() if node["access"] == "public"} == set(marts)
    assert not [name for name, node in marts.items() if not node["config"]["contract"]["enforced"]]


def test_every_mart_is_published_and_somebody_uses_it(marts, manifest):
    users = {name: set() for name in marts}
    for key, exposure in manifest["exposures"].items():
        assert exposure["owner"]["name"] and exposure["description"], key
        for node in exposure["depends_on"]["nodes"]:
            if (name := node.rsplit(".", 1)[1]) in users:
                users[name].add(key)
    assert not [name for name, keys in users.items() if EVERYTHING not in keys]
    assert not [name for name, keys in users.items() if not keys - {EVERYTHING}]


@pytest.mark.parametrize(("mart", "numbers"), [*EQUATIONS.items(), *SECTIONS.items()])
def test_a_numbered_formula_is_named_by_its_number(marts, mart, numbers):
    named = re.findall(r"Eq\. [\d-]+", numbers) or [numbers]
    assert not [number for number in named if number not in marts[mart]["description"]]


def test_no_equation_is_left_out():
    """L has twenty numbered equations: each is implemented by some mart."""
    told = set()
    for first, last in re.findall(r"Eq\. (\d+)(?:-(\d+))?", " ".join(EQUATIONS.values())):
        told |= set(range(int(first), int(last or first) + 1))
    assert told == set(range(1, 21))


def test_example_queries_name_their_question_and_published_marts_alone(marts, manifest):
    queries = example_queries.load()
    assert len(queries) >= 12
    for name, query in queries.items():
        assert query.question.endswith("?"), name
        assert query.sql.splitlines()[1].startswith(("-- One row per ", "-- One row ")), name
        assert set(query.marts) <= set(marts), name
        node = manifest["nodes"][f"analysis.precision_marketing.{name}"]
        seen_by_dbt = {key.rsplit(".", 1)[1] for key in node["depends_on"]["nodes"]}
        assert seen_by_dbt == set(query.marts), name
