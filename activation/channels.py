"""Which channel reaches a customer best: the consented one with the highest expected response of this customer.

In: candidates with their consent, and per customer and channel how many messages were sent and how many of them were
clicked. Out: channel, expected click rate and the reason in words.

A customer's few messages say little and the channel's mean says nothing about the customer, so one is drawn towards
the other: clicks of customer u are binomial(n_u, p_u), p_u is beta(mu M, (1 - mu) M) over the customers of the channel,
and the expected rate is the posterior mean (x_u + mu M) / (n_u + M). mu is the channel's rate and M comes from how much
more the customers' rates vary than chance alone would make them (method of moments: Kleinman 1973, "Proportions with
extraneous variance", JASA 68, weights n_u).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class ChannelParameters:
    """How a customer's own history counts."""

    min_users: int = 30  # with a message in a channel, below which its variance says nothing
    least_strength: float = 2.0  # M: not below, or one click decides for good (a uniform prior has M = 2) ...
    most_strength: float = 200.0  # ... nor above: nobody has so many messages, the rate is then the channel's


def rates(history: pd.DataFrame, channels: tuple[str, ...], params: ChannelParameters) -> pd.DataFrame:
    """Mean response and prior strength per channel.

    history: user_id, channel, sent, responded (counts, responded <= sent). Returns one row per channel, in the order
    given: channel, users, sent, mean (null where nothing was ever sent through any channel), strength, has_history. A
    channel through which nothing was sent yet takes the mean of all, weakly held.
    """
    history = history[history["sent"] > 0]
    everything = history["responded"].sum() / history["sent"].sum() if len(history) else np.nan
    rows = []
    for channel in channels:
        own = history[history["channel"] == channel].sort_values("user_id")
        mean = own["responded"].sum() / own["sent"].sum() if len(own) else everything
        rows.append(
            {
                "channel": channel,
                "users": len(own),
                "sent": int(own["sent"].sum()),
                "mean": float(mean),
                "strength": _strength(own["responded"], own["sent"], mean, params),
                "has_history": len(own) > 0,
            }
        )
    return pd.DataFrame(rows)


def choose(candidates: pd.DataFrame, history: pd.DataFrame, channels: tuple[str, ...], params=None) -> pd.DataFrame:
    """One channel per candidate.

    candidates: user_id, consent_<channel> (true, false or null = not asked) of each channel, fixed_channel (null but
    where a re-run finds the customer assigned already). Returns, same index: channel (null without consent to any),
    channel_rate (expected clicks per message; null without any history), channel_reason. Ties go to the first channel.
    """
    params = params or ChannelParameters()
    of_channel = rates(history, channels, params).set_index("channel")
    expected, words = pd.DataFrame(index=candidates.index), {}
    for channel in channels:
        own = history[history["channel"] == channel].set_index("user_id")
        sent = candidates["user_id"].map(own["sent"]).fillna(0.0).astype("float64")
        clicked = candidates["user_id"].map(own["responded"]).fillna(0.0).astype("float64")
        mean, strength = of_channel.loc[channel, "mean"], of_channel.loc[channel, "strength"]
        rate = (clicked + mean * strength) / (sent + strength)
        consented = candidates[f"consent_{channel}"].astype("boolean").fillna(False).astype(bool)
        allowed = consented & (candidates["fixed_channel"].isna() | (candidates["fixed_channel"] == channel))
        expected[channel] = rate.fillna(0.0).where(allowed)
        words[channel] = [
            _words(channel, r, n, x, of_channel.loc[channel]) for r, n, x in zip(rate, sent, clicked, strict=True)
        ]
    chosen = _best(candidates, expected, pd.DataFrame(words, index=candidates.index))
    return chosen if of_channel["mean"].notna().all() else chosen.assign(channel_rate=np.nan)


def _best(candidates: pd.DataFrame, expected: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    names, value = expected.columns.to_numpy(), expected.to_numpy()
    allowed = ~np.isnan(value)
    position = np.argmax(np.where(allowed, value, -1.0), axis=1)  # the first of equals
    found = allowed.any(axis=1)
    reasons = []
    for row, (at, any_allowed) in enumerate(zip(position, found, strict=True)):
        if not any_allowed:
            reasons.append(None)
            continue
        others = [words.iat[row, k] for k in np.flatnonzero(allowed[row]) if k != at]
        text = words.iat[row, at] + (f"; {', '.join(others)}" if others else ", the only channel consented to")
        fixed = pd.notna(candidates["fixed_channel"].iat[row])
        reasons.append("assigned before; " + words.iat[row, at] if fixed else text)
    chosen_rate = np.where(found, value[np.arange(len(value)), position], np.nan)
    return pd.DataFrame(
        {
            "channel": np.where(found, names[position], None),
            "channel_rate": chosen_rate,
            "channel_reason": reasons,
        },
        index=candidates.index,
    )


def _words(channel: str, rate: float, sent: float, clicked: float, of_channel: pd.Series) -> str:
    if np.isnan(rate):
        return channel
    own = f"answered {clicked:.0f} of {sent:.0f}" if sent else "nothing sent yet"
    if not of_channel["has_history"]:
        own = "never used, taken as the mean of all channels"
    return f"{channel} {100 * rate:.0f} % answers expected ({own})"


def _strength(responded: pd.Series, sent: pd.Series, mean: float, params: ChannelParameters) -> float:
    """M of the beta distribution, within its bounds; the most where rates vary no more than by chance."""
    users = len(sent)
    if users < params.min_users or not 0 < mean < 1:
        return params.most_strength
    n, x = sent.to_numpy(dtype="float64"), responded.to_numpy(dtype="float64")
    weight = n.sum()
    # E[sum n (x/n - mu)^2] = mu (1 - mu) (k - 1 + g (N - sum n^2 / N - k + 1)), k users, N messages, g = 1 / (M + 1)
    observed = (n * (x / n - mean) ** 2).sum()
    by_chance = mean * (1 - mean) * (users - 1)
    by_customers = mean * (1 - mean) * (weight - users - (n**2).sum() / weight + 1)
    if by_customers <= 0:
        return params.most_strength
    share = (observed - by_chance) / by_customers
    if share <= 0:
        return params.most_strength
    return float(np.clip(1 / share - 1, params.least_strength, params.most_strength))
