"""Why: an interval is for analysts; a marketer asks whether it worked, by how much and whether to believe it.
In: one measured row. Out: a sentence that begins with the answer: works, harms, no effect shown, too early,
do not trust, or cannot be judged.
"""

from ml.experiment.parameters import ExperimentParameters

NO_CONTROL = "cannot be judged: no control group"


def in_words(row: dict, campaign: dict, spoiled: bool, crossed: int, p: ExperimentParameters) -> str:
    """The verdict on one row of judgement.judge.

    spoiled: the campaign as a whole failed its sample-ratio check. crossed: control customers who were contacted.
    A running campaign is judged by the interval that holds on every day, a finished one by the p that was adjusted for
    the number of segments.
    """
    mismatch = row["sample_ratio_p_value"]
    if spoiled or (mismatch is not None and mismatch < p.sample_ratio_alpha):
        return _not_to_be_trusted(row, p)
    if row["reason"]:
        return "cannot be judged: " + row["reason"]
    said = _lift(row["metric"])
    size = f"{said(row['lift'])} {_unit(row['metric'], campaign['currency'])}"
    if campaign["is_complete"]:
        low, high, sure = row["lift_low"], row["lift_high"], row["adjusted_p_value"] < p.alpha
        begin, chance, interval = "", _chance(row), f"{1 - p.alpha:.0%} interval"
    else:
        low, high = row["sequential_low"], row["sequential_high"]
        sure = low > 0 or high < 0
        begin = " so far"
        chance, interval = f"day {campaign['day']} of {campaign['planned_days']}", "interval that holds on every day"
    span = f"({interval} {said(low)} to {said(high)}; {chance})"
    warning = f"; {crossed} of the control group were contacted all the same, which hides a part of it" * bool(crossed)
    if sure:
        return f"{'works' if row['lift'] > 0 else 'harms'}{begin}: {size} {span}{warning}"
    if not campaign["is_complete"]:
        return f"too early: {size} {span}{warning}"
    detectable = said(row["minimum_detectable_lift"]).removeprefix("+")
    return f"no effect shown: {size} {span}; a true lift below {detectable} would often be missed{warning}"


def _not_to_be_trusted(row: dict, p: ExperimentParameters) -> str:
    everybody = row["treated_users"] + row["control_users"]
    share, planned = row["control_users"] / everybody, row["expected_control_share"]
    return (
        f"do not trust: {share:.1%} of the customers are in the control group, {planned:.1%} were planned; where the "
        f"campaign's arms differ from the plan by more than chance (p < {p.sample_ratio_alpha}), who is in which was "
        "not left to the lot. Find out what moved or lost customers before reading the lift"
    )


def _chance(row: dict) -> str:
    p_value = row["adjusted_p_value"]
    said = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return said + (", several segments looked at allowed for" if p_value > row["p_value"] else "")


def _lift(metric: str):
    """How a lift of this measure is written, always with its sign."""
    if metric == "conversion":
        return lambda value: f"{100 * value:+.1f}"
    return (lambda value: f"{value:+.3f}") if metric == "orders" else (lambda value: f"{value:+.2f}")


def _unit(metric: str, currency: str) -> str:
    units = {"conversion": "points of customers who order", "orders": "orders a customer"}
    return units.get(metric, f"{currency} of {metric} a customer")
