"""The curves behind a likeness: the reference and the factor most like it, point by point, their units taken out."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import label, write
from dashboard.view import View


def points(view: View, analysis: str) -> pd.DataFrame:
    """One row per reference and point of an analysis: the reference, and the factor most alike, as shares of a mean."""
    return view.frame(
        """
        with strongest as (
            select analysis, reference, transform, factor
            from marts.mart_grey_relation
            where as_of = $as_of and analysis = $analysis and degree is not null
            qualify row_number() over (
                partition by reference order by transform = 'initial_value', degree desc, factor
            ) = 1
        )
        select p.analysis, p.reference, p.transform, p.factor, p.point_number, p.point, p.weight, p.reference_value,
               p.factor_value, p.difference, p.coefficient
        from marts.mart_grey_relation_point as p
        inner join strongest using (analysis, reference, transform, factor)
        where p.as_of = $as_of order by p.reference, p.point_number
        """,
        analysis=analysis,
    )


def section(view: View, found: pd.DataFrame, references: dict[str, str]):
    """The two curves of each reference, and the points of the first. references: name → words."""
    title = "The two curves that are most alike"
    if found.empty:
        return parts.section(title, parts.missing("No likeness was computed here, so there are no curves to show."))
    charts = []
    for reference, rows in found.groupby("reference", sort=False):
        against, factor = references.get(reference, label(reference).lower()), label(rows["factor"].iloc[0])
        series = {"reference_value": against[0].upper() + against[1:], "factor_value": factor}
        figure = figures.lines(rows.assign(point=rows["point"].map(label)), "point", series, "Without its unit")
        figure.data[1].update(marker={"symbol": "diamond-open", "size": 8}, line={"dash": "dot"})
        figure.update_xaxes(type="category", nticks=12)
        ends = rows.sort_values("coefficient", kind="stable")["point"].map(label)
        charts.append(
            parts.graph(
                figure,
                f"{factor} beside {against} over {len(rows)} points; nearest at {ends.iloc[-1]}, farthest apart at "
                f"{ends.iloc[0]}.",
            )
        )
    told = found.assign(
        point=found["point"].map(label), factor=found["factor"].map(label),
        against=[references.get(name, label(name)) for name in found["reference"]],
    ).sort_values("coefficient", kind="stable")  # fmt: skip
    return parts.section(
        title,
        parts.columns(*charts) if len(charts) > 1 else charts[0],
        parts.table(
            view, "points", told.head(10),
            {
                "point": ("Point", "text"), "against": ("Of", "text"), "reference_value": ("Its value", "decimal"),
                "factor": ("Beside", "text"), "factor_value": ("Its value", "decimal"),
                "coefficient": ("Likeness at this point", "decimal"),
            },
            "The ten points at which the curves are farthest apart; the CSV holds all",
        ),
        about="What the analysis chosen above compares, for the factor most alike. The nearer the curves are, the "
        f"higher the likeness, the mean over the {write(found['point_number'].max(), 'count')} points.",
    )  # fmt: skip
