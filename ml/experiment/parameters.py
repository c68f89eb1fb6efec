"""What may be chosen about the judging of campaigns, and why each default is what it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExperimentParameters:
    alpha: float = 0.05  # intervals of 95 %, as everywhere in this project
    power: float = 0.80  # a lift that is missed once in five campaigns counts as detectable: the field's convention
    min_users: int = 30  # in each arm, below which a mean has no normal distribution to speak of
    min_buyers: int = 5  # expected in each arm if both were alike, and as many who do not buy: the rule for shares
    sample_ratio_alpha: float = 0.001  # strict: it is asked of every campaign, and a failure voids the result
    control_share: float | None = None  # planned in campaigns that other systems assigned; None: nobody told
    segment_max_age_days: int = 60  # segments older than that at the start of a campaign describe other customers
