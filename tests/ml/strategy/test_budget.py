"""A budget goes where its next unit brings most: by hand, against every other choice, and beside grey degrees."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.strategy import budget

FREE = {"margin_rate": 0.5, "discount_rate": 0.0, "buying_anyway_probability": 0.0, "contact_cost_amount": 1.0}


def contacts(*rows: dict) -> pd.DataFrame:
    given = {"strategy": "win_back", "channel": "email", "expected_order_amount": 100.0, **FREE}
    return pd.DataFrame([{"user_id": f"u{number}", **given, **row} for number, row in enumerate(rows)])


def test_gain_by_hand():
    """0.1 x 50 x (0.4 - 0.1) = 1.5; 0.2 buy anyway and take 5 off: 1; a contact costs 0.25: 0.25 is left."""
    row = {
        "expected_response_rate": 0.1,
        "expected_order_amount": 50,
        "margin_rate": 0.4,
        "discount_rate": 0.1,
        "buying_anyway_probability": 0.2,
        "contact_cost_amount": 0.25,
        "expected_response_low": 0.0,
        "expected_response_high": 0.2,
    }
    found = budget.split(contacts(row)).iloc[0]
    assert found["expected_gain_amount"] == pytest.approx(0.25)
    assert found["expected_gain_low"] == pytest.approx(-1.25)
    assert found["expected_gain_high"] == pytest.approx(1.75)
    assert found["marginal_return"] == pytest.approx(1.0)
    assert found["gain_basis"] == "margin"
    assert found["is_funded"]


def test_without_costs_of_goods_the_gain_is_revenue_and_says_so():
    found = budget.split(contacts({"expected_response_rate": 0.1, "margin_rate": None})).iloc[0]
    assert found["expected_gain_amount"] == pytest.approx(9.0)
    assert found["gain_basis"] == "revenue"


def test_a_chance_that_is_not_known_matters_only_where_there_is_a_discount():
    rows = contacts(
        {"expected_response_rate": 0.1, "buying_anyway_probability": None},
        {"expected_response_rate": 0.1, "buying_anyway_probability": None, "discount_rate": 0.1},
    )
    limited, unlimited = budget.split(rows, 10.0), budget.split(rows)
    assert limited["expected_gain_amount"].tolist()[0] == pytest.approx(4.0)
    assert np.isnan(limited["expected_gain_amount"][1])
    assert limited["is_funded"].tolist() == [True, False]
    assert "not known" in limited["budget_reason"][1]
    assert unlimited["is_funded"].tolist() == [True, True]


def test_nothing_to_gain_is_never_funded():
    found = budget.split(contacts({"expected_response_rate": 0.01}, {"expected_response_rate": -0.1}))
    assert found["is_funded"].tolist() == [False, False]
    assert set(found["budget_reason"]) == {"nothing to gain"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-5, 60), st.sampled_from([0.5, 1.0, 2.0])), min_size=1, max_size=9),
    st.floats(0, 8),
    st.randoms(use_true_random=False),
)
def test_no_choice_brings_more_than_one_contact_more(rows, limit, random):
    """Against all subsets; equal costs: none brings more at all. Shuffled rows are funded alike."""
    frame = contacts(*({"expected_response_rate": rate / 100, "contact_cost_amount": cost} for rate, cost in rows))
    found = budget.split(frame, limit)
    chosen = found[found["is_funded"]]
    assert chosen["contact_cost_amount"].sum() <= limit + 1e-6
    gains, costs = found["expected_gain_amount"].to_numpy(), found["contact_cost_amount"].to_numpy()
    best = max(
        gains[list(choice)].sum()
        for size in range(len(rows) + 1)
        for choice in combinations(range(len(rows)), size)
        if costs[list(choice)].sum() <= limit + 1e-9
    )
    short = best - chosen["expected_gain_amount"].sum()
    assert short <= max(gains.max(), 0) + 1e-9
    if len({cost for _, cost in rows}) == 1:
        assert short == pytest.approx(0, abs=1e-9)
    shuffled = frame.sample(frac=1, random_state=random.randrange(1000))
    again = budget.split(shuffled, limit).sort_index()
    pd.testing.assert_frame_equal(again, found)


def test_two_contacts_of_one_customer_are_refused():
    rows = contacts({"expected_response_rate": 0.1}, {"expected_response_rate": 0.2})
    with pytest.raises(budget.BudgetError, match="two candidates"):
        budget.split(rows.assign(user_id="u0"))


def test_negative_money_is_refused():
    rows = contacts({"expected_response_rate": 0.1})
    with pytest.raises(budget.BudgetError, match="negative"):
        budget.split(rows, -1.0)
    with pytest.raises(budget.BudgetError, match="contact_cost_amount"):
        budget.split(rows.assign(contact_cost_amount=-1.0))


def test_split_beside_grey_degrees_by_hand():
    """Budget 2, contacts cost 1, gains 9, 8 (e-mail) and 1 (push): marginal return pays both e-mails, 17. Degrees
    0.8 and 0.8 give each channel 1: 9 + 1 = 10, so following them costs 7."""
    rows = contacts(
        {"expected_response_rate": 0.20},
        {"expected_response_rate": 0.18},
        {"expected_response_rate": 0.04, "channel": "push"},
    )
    table = budget.split_table(budget.split(rows, 2.0), 2.0, {"email": 0.8, "push": 0.8}).set_index("channel")
    assert table["contacts"].to_dict() == {"all": 2, "email": 2, "push": 0}
    assert table["expected_gain_amount"].to_dict() == pytest.approx({"all": 17, "email": 17, "push": 0})
    assert table["share"].to_dict() == {"all": 1, "email": 1, "push": 0}
    assert table["marginal_return"]["all"] == pytest.approx(8)
    assert table["grey_contacts"].to_dict() == {"all": 2, "email": 1, "push": 1}
    assert table["grey_share"].to_dict() == {"all": 1, "email": 0.5, "push": 0.5}
    assert table["gain_over_grey_amount"].to_dict() == pytest.approx({"all": 7, "email": 8, "push": -1})
    assert table["reason"].isna().all()


def test_a_channel_without_a_degree_leaves_no_comparison():
    rows = budget.split(contacts({"expected_response_rate": 0.2}), 2.0)
    table = budget.split_table(rows, 2.0, {"push": 0.9})
    assert table["grey_gain_amount"].isna().all()
    assert table["reason"].str.contains("no grey degree of email").all()


def test_contacts_without_cost_are_divided_by_number():
    rows = contacts({"expected_response_rate": 0.2}, {"expected_response_rate": 0.1, "channel": "push"})
    table = budget.split_table(budget.split(rows.assign(contact_cost_amount=0.0), 0.0), 0.0, {})
    assert table["contacts"].tolist() == [2, 1, 1]
    assert table["share"].tolist() == [1, 0.5, 0.5]


def test_degrees_of_channels_are_means_over_their_activities():
    relations = pd.DataFrame(
        [
            ("marketing_over_time", "mean", "sent: email", 0.8),
            ("marketing_over_time", "mean", "clicked: email", 0.6),
            ("marketing_over_time", "mean", "sent: push", None),
            ("marketing_over_time", "initial_value", "sent: email", 0.1),
            ("campaigns", "mean", "sent", 0.1),
        ],
        columns=["analysis", "transform", "factor", "degree"],
    )
    assert budget.channel_degrees(relations) == pytest.approx({"email": 0.7})
