"""What customers' journeys would lose without a campaign: an absorbing Markov chain, solved exactly.

In:  touches of journeys that ended with an order or without (touch_paths.journeys).
Out: per campaign and channel the removal effect and the conversion lost per contact taken away.

A chain and not Shapley's value: of 2^n sets of campaigns nearly all were met by nobody, while each transition of the
chain is met often; and its linear system is solved exactly, so that shuffled rows give the same credits.
"""

import numpy as np
import pandas as pd

from ml.attribution.touch_paths import DEFAULTS, TOUCH, AttributionParameters

POOLED = ""  # campaign of the state in which the rare campaigns of a channel are one


def removal_effects(told: pd.DataFrame, params: AttributionParameters = DEFAULTS) -> pd.DataFrame:
    """One row per campaign and channel of the journeys: removal_effect, weight, journeys; sorted.

    Q = transition shares between states (start, contacts), r = shares into an order, N = (I - Q)^-1:

        v = N r                      probability of an order from each state on
        P(i) = N_0i / N_ii           probability of ever coming to state i from the start (Kemeny and Snell 1976, 3.5.7)
        removal_effect_i = P(i) v_i / v_0   share of orders lost when all who come to i are lost (Anderl et al. 2016)
        weight_i = removal_effect_i v_0 / P(i) = v_i    orders lost per contact taken away: what shares out one order

    The removal effect itself grows with the number of contacts and would favour the large campaign within an order.
    Rare campaigns of a channel are one state: `removal_effect` is then null, as it is nobody's own.
    """
    if told.empty:
        return pd.DataFrame(columns=[*TOUCH, "journeys", "removal_effect", "weight"]).astype(
            {"journeys": "int64", "removal_effect": float, "weight": float}
        )
    told = told.sort_values(["journey", "touch_ts", *TOUCH], ignore_index=True)
    seen = told.groupby(TOUCH, as_index=False).agg(journeys=("journey", "nunique")).sort_values(TOUCH)
    ranked = seen.sort_values(["journeys", *TOUCH], ascending=[False, True, True])
    own_state = seen.index.isin(ranked[ranked["journeys"] >= params.least_journeys].head(params.most_states).index)
    seen["state"] = seen["campaign_id"].where(own_state, POOLED) + "\n" + seen["channel"]
    chain = transitions(told.merge(seen[[*TOUCH, "state"]], on=TOUCH, how="left", validate="many_to_one"))
    solved = solve(*chain)
    found = seen.merge(solved, on="state", how="left", validate="many_to_one").sort_values(TOUCH, ignore_index=True)
    found["removal_effect"] = found["removal_effect"].where(~found["state"].str.startswith(POOLED + "\n"))
    return found[[*TOUCH, "journeys", "removal_effect", "weight"]]


def transitions(told: pd.DataFrame) -> tuple[list[str], np.ndarray, np.ndarray]:
    """(states, Q, r) of journeys with the columns journey, state, is_converted, in the order of their touches.

    Q: (1 + states, 1 + states), the start first; r: (1 + states,) share of the leaving moves that go into an order.
    """
    # Two rare campaigns of a channel one after the other are one stay in their common state.
    again = told["journey"].eq(told["journey"].shift()) & told["state"].eq(told["state"].shift())
    told = told[~again]
    states = sorted(told["state"].unique())
    number = told["state"].map({state: place + 1 for place, state in enumerate(states)}).to_numpy()
    opens = ~told["journey"].duplicated().to_numpy()
    closes = ~told["journey"].duplicated(keep="last").to_numpy()
    moves = np.zeros((len(states) + 1, len(states) + 1))
    np.add.at(moves, (np.where(opens, 0, np.roll(number, 1)), number), 1)
    orders = np.bincount(
        number[closes], weights=told["is_converted"].to_numpy(float)[closes], minlength=len(states) + 1
    )
    leaving = moves.sum(axis=1) + np.bincount(number[closes], minlength=len(states) + 1)
    return states, moves / leaving[:, None], orders / leaving


def solve(states: list[str], moves: np.ndarray, orders: np.ndarray) -> pd.DataFrame:
    """state, removal_effect (0 for all where no journey ends with an order), weight, visit."""
    fundamental = np.linalg.inv(np.eye(len(orders)) - moves)
    conversion = fundamental @ orders
    visit = fundamental[0] / np.diag(fundamental)
    effect = visit * conversion / conversion[0] if conversion[0] > 0 else np.zeros(len(conversion))
    # Solving leaves -1e-17 where a probability is 0.
    return pd.DataFrame(
        {
            "state": states,
            "removal_effect": np.clip(effect[1:], 0, 1),
            "weight": np.clip(conversion[1:], 0, 1),
            "visit": np.clip(visit[1:], 0, 1),
        }
    )


def weights_of(touched: pd.DataFrame, effects: pd.DataFrame) -> np.ndarray:
    """Weight of each touch of an order, (touches,).

    A campaign that is known from orders alone (always-on advertising without contacts) has no journey that could have
    failed: it weighs as much as the contacts do on average, 1 where there are none.
    """
    usual = np.average(effects["weight"], weights=effects["journeys"]) if len(effects) else 1.0
    found = touched[TOUCH].merge(effects[[*TOUCH, "weight"]], on=TOUCH, how="left")["weight"]
    return found.fillna(usual).to_numpy(float)
