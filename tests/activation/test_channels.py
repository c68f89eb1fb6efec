"""The channel: only where consented to, by the customer's own answers drawn towards the channel's rate."""

import numpy as np
import pandas as pd
import pytest

from activation.channels import ChannelParameters, choose, rates

CHANNELS = ("email", "push", "social")
FIXED = ChannelParameters(least_strength=10, most_strength=10)


def candidates(**consent) -> pd.DataFrame:
    """One customer per consent tuple (email, push, social)."""
    frame = pd.DataFrame(list(consent.values()), columns=[f"consent_{name}" for name in CHANNELS])
    return frame.assign(user_id=list(consent), fixed_channel=None)


def history(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user_id", "channel", "sent", "responded"])


OTHERS = [("x", "email", 100, 30), ("x", "push", 100, 20), ("x", "social", 100, 10)]


def test_expected_rate_by_hand():
    found = choose(candidates(ann=(True, True, True)), history(*OTHERS, ("ann", "push", 4, 4)), CHANNELS, FIXED)
    # push: mean 24 / 104, so (4 + 10 * 24 / 104) / (4 + 10); e-mail stays at its mean .3
    assert found["channel"].tolist() == ["push"]
    assert found["channel_rate"].tolist() == pytest.approx([(4 + 240 / 104) / 14])
    assert found["channel_reason"][0] == (
        "push 45 % answers expected (answered 4 of 4); email 30 % answers expected (nothing sent yet), "
        "social 10 % answers expected (nothing sent yet)"
    )


def test_no_channel_without_consent_however_good():
    people = candidates(a=(False, True, True), b=(None, None, True), c=(False, False, False), d=(None, None, None))
    found = choose(people, history(*OTHERS, ("b", "email", 9, 9)), CHANNELS, FIXED)
    assert found["channel"].fillna("").tolist() == ["push", "social", "", ""]
    assert found["channel_rate"].isna().tolist() == [False, False, True, True]
    assert (
        found["channel_reason"][1] == "social 10 % answers expected (nothing sent yet), the only channel consented to"
    )


def test_equal_channels_go_in_the_order_of_the_declaration():
    people = candidates(a=(True, True, True), b=(False, True, True))
    found = choose(people, history(), CHANNELS)
    assert found["channel"].tolist() == ["email", "push"]
    assert found["channel_rate"].isna().all()
    assert choose(people, history(), ("push", "email", "social"))["channel"].tolist() == ["push", "push"]


def test_a_channel_never_used_is_taken_for_an_average_one():
    found = rates(history(("x", "email", 50, 30), ("x", "social", 50, 10)), CHANNELS, FIXED).set_index("channel")
    assert found.loc["push", "mean"] == pytest.approx(0.4)
    assert not found.loc["push", "has_history"]


def test_who_was_assigned_before_keeps_the_channel_while_consenting():
    people = candidates(a=(True, True, True), b=(True, False, True)).assign(fixed_channel="push")
    found = choose(people, history(*OTHERS), CHANNELS, FIXED)
    assert found["channel"].fillna("").tolist() == ["push", ""]
    assert found["channel_reason"][0].startswith("assigned before; push")


def test_how_much_customers_differ_is_found_again():
    random = np.random.default_rng(7)
    sent = random.integers(1, 12, 6000)
    clicked = random.binomial(sent, random.beta(0.3 * 8, 0.7 * 8, len(sent)))
    alike = random.binomial(sent, 0.3)
    users = [f"u{n}" for n in range(len(sent))]
    differing = pd.DataFrame({"user_id": users, "channel": "email", "sent": sent, "responded": clicked})
    same = differing.assign(responded=alike)
    params = ChannelParameters()
    assert rates(differing, ("email",), params)["strength"][0] == pytest.approx(8, rel=0.15)
    assert rates(same, ("email",), params)["strength"][0] == params.most_strength
    few = differing.head(params.min_users - 1)
    assert rates(few, ("email",), params)["strength"][0] == params.most_strength


def test_order_of_rows_changes_nothing():
    random = np.random.default_rng(3)
    rows = pd.DataFrame(
        [(f"u{n}", channel, 5, random.integers(0, 6)) for n in range(60) for channel in CHANNELS],
        columns=["user_id", "channel", "sent", "responded"],
    )
    people = candidates(**{f"u{n}": (True, n % 2 == 0, True) for n in range(60)})
    shuffled = choose(people.sample(frac=1, random_state=1), rows.sample(frac=1, random_state=2), CHANNELS)
    assert shuffled.sort_index().equals(choose(people, rows, CHANNELS))
