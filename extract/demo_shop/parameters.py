"""What may be chosen about the demo shop, and why each default is what it is.

In: nothing. Out: `DemoShop`, the frozen parameters that, alone, decide every row.
"""

from dataclasses import dataclass
from datetime import date

LONGEST_DAYS = 3_700  # the precomputed drivers (a few floats a day) reach ten years; beyond that the shop is closed


@dataclass(frozen=True)
class DemoShop:
    """Two equal instances give the same bytes; any other seed gives another shop of the same kind."""

    seed: int = 7
    users: int = 1_400  # gives just under half a million events a year: a full run stays within minutes on two cores
    items: int = 400  # eight categories of fifty: enough choice for a recommender to be wrong
    suppliers: int = 20  # few enough that each has hundreds of deliveries to be judged by
    start: date = date(2025, 1, 1)  # first local day on which anything happens
    days: int = 365  # the span for which segments and counts of the truth are stated; the shop itself goes on after it
    timezone: str = "Europe/Berlin"  # has a 23-hour and a 25-hour day in every year
    control_share: float = 0.3  # large for practice, so that a planted effect is visible with few users
    survey_share: float = 0.3  # of the customers, per wave: about 450 answers carry a regression on five dimensions
    dirt: float = 1.0  # multiplies every fault rate; 0 gives a clean shop with the same true rows

    def __post_init__(self):
        if isinstance(self.start, str):
            object.__setattr__(self, "start", date.fromisoformat(self.start))
        wrong = [
            f"{name}={getattr(self, name)!r} (must be {rule})"
            for name, rule, fine in (
                ("users", "at least 50", self.users >= 50),
                ("items", "at least 40", self.items >= 40),
                ("suppliers", "2 to the number of items", 2 <= self.suppliers <= self.items),
                ("days", "60 to 3000", 60 <= self.days <= 3000),
                ("dirt", "0 to 20", 0 <= self.dirt <= 20),
                ("control_share", "between 0 and 1", 0 < self.control_share < 1),
                ("survey_share", "between 0 and 1", 0 < self.survey_share <= 1),
            )
            if not fine
        ]
        if wrong:
            raise ValueError("demo_shop cannot be generated: " + "; ".join(wrong) + ". Correct the source's options.")
