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
    expected, words = np.full((len(candidates), len(channels)), np.nan), []
    for n, row in enumerate(rates(history, channels, params).itertuples()):
        own = history[history["channel"] == row.channel].set_index("user_id")
        sent = candidates["user_id"].map(own["sent"]).fillna(0.0).astype("float64")
        answered = candidates["user_id"].map(own["responded"]).fillna(0.0).astype("float64")
        rate = (answered + row.mean * row.strength) / (sent + row.strength)
        words.append([_words(row, *numbers) for numbers in zip(rate, sent, answered, strict=True)])
        consented = candidates[f"consent_{row.channel}"].astype("boolean").fillna(False).astype(bool)
        allowed = consented & (candidates["fixed_channel"].isna() | (candidates["fixed_channel"] == row.channel))
        expected[:, n] = rate.fillna(-1.0).where(allowed)  # no history of any channel: all alike
    return _best(candidates, channels, expected, words)


def _best(candidates: pd.DataFrame, channels: tuple[str, ...], expected: np.ndarray, words: list) -> pd.DataFrame:
    """expected: customers by channels, null where the channel may not be used, -1 where nothing is known."""
    allowed = ~np.isnan(expected)
    position = np.argmax(np.where(allowed, expected, -2.0), axis=1)  # the first of equals
    rate = expected[np.arange(len(expected)), position]
    fixed = candidates["fixed_channel"].notna().to_numpy()
    reasons = []
    for row, at in enumerate(position):
        others = [words[k][row] for k in np.flatnonzero(allowed[row]) if k != at]
        if not allowed[row, at]:
            reasons.append(None)
        elif fixed[row]:
            reasons.append("assigned before; " + words[at][row])
        else:
            reasons.append(words[at][row] + (f"; {', '.join(others)}" if others else ", the only channel consented to"))
    chosen = [channels[at] if allowed[row, at] else None for row, at in enumerate(position)]
    return pd.DataFrame(
        {"channel": chosen, "channel_rate": np.where(rate >= 0, rate, np.nan), "channel_reason": reasons},
        index=candidates.index,
    )


def _words(channel, rate: float, sent: float, answered: float) -> str:
    if np.isnan(rate):
        return channel.channel
    own = f"answered {answered:.0f} of {sent:.0f}" if sent else "nothing sent yet"
    if not channel.has_history:
        own = "never used, taken as the mean of all channels"
    return f"{channel.channel} {100 * rate:.0f} % answers expected ({own})"


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
