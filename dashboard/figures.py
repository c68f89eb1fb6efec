"""Charts: one look for all, readable in light and dark.

In: frames. Out: Plotly figures. Text and grid take their colour from the page (assets/look.css), so a figure need not
know whether the page is light or dark; the colours of the data have a contrast of at least 3:1 on both.
"""

import plotly.graph_objects as go

COLOURS = ("#2f7ed8", "#d9730d", "#2e9e6b", "#b5549e", "#c94f4f", "#1d9aa8", "#a07800", "#8a8d93")
QUIET = "#8a8d93"
# Grounds of dark figures (look.css), in the light and in the dark page.
CHANGE = [[0, "#e58f87"], [0.5, "#f1f1ee"], [1, "#7db4ec"]]  # below, at, above
AMOUNT = [[0, "#edf4fc"], [1, "#6ea6e6"]]


_AXIS = {"automargin": True, "gridcolor": "rgba(138,141,147,.25)", "zerolinecolor": "rgba(138,141,147,.6)"}
LOOK = go.layout.Template(
    layout={
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": COLOURS,
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1, "x": 0},
        "font": {"family": "inherit", "size": 13},
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": "inherit"}},
        "bargap": 0.25,
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    }
)


def dress(figure: go.Figure, x: str = "", y: str = "", height: int = 320, legend: bool = True) -> go.Figure:
    """The common look, axis titles, and room for the legend above."""
    figure.update_layout(
        template=LOOK,
        height=height,
        margin={"l": 8, "r": 12, "t": 28 if legend else 8, "b": 8},
        showlegend=legend,
        xaxis_title_text=x,
        yaxis_title_text=y,
    )
    return figure


def lines(frame, x: str, series: dict[str, str], y_title: str = "", **look) -> go.Figure:
    """One line per column of `series` (column: label)."""
    figure = go.Figure()
    for column, label in series.items():
        figure.add_scatter(x=frame[x], y=frame[column], name=label, mode="lines+markers", marker={"size": 5})
    return dress(figure, y=y_title, legend=len(series) > 1, **look)


def bars(frame, label: str, value: str, x_title: str = "", text: list[str] | None = None, **look) -> go.Figure:
    """Horizontal bars, the first row on top; labels stay readable on a narrow screen."""
    figure = go.Figure(
        go.Bar(
            x=frame[value], y=frame[label].astype(str), orientation="h", text=text, textposition="auto",
            marker_color=COLOURS[0], cliponaxis=False,
        )
    )  # fmt: skip
    look.setdefault("height", 90 + 30 * max(len(frame), 1))
    figure = dress(figure, x=x_title, legend=False, **look)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure


def intervals(frame, label: str, value: str, low: str, high: str, x_title: str = "", against: float = 0, **look):
    """A point and its interval per row, the first on top, against a vertical line (no effect)."""
    figure = go.Figure(
        go.Scatter(
            x=frame[value], y=frame[label].astype(str), mode="markers",
            marker={"size": 9, "color": COLOURS[0]},
            error_x={
                "type": "data", "symmetric": False, "thickness": 2, "width": 5, "color": COLOURS[0],
                "array": frame[high] - frame[value], "arrayminus": frame[value] - frame[low],
            },
        )
    )  # fmt: skip
    look.setdefault("height", 100 + 34 * max(len(frame), 1))
    figure = dress(figure, x=x_title, legend=False, **look)
    figure.add_vline(x=against, line_dash="dot", line_color=QUIET)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure


def heat(values, x: list[str], y: list[str], text=None, middle: float | None = None, **look) -> go.Figure:
    """A matrix of numbers as colours with the numbers written in; `middle`: the value that is neutral."""
    figure = go.Figure(
        go.Heatmap(
            z=values, x=[str(name) for name in x], y=[str(name) for name in y], text=text, texttemplate="%{text}",
            colorscale=AMOUNT if middle is None else CHANGE, zmid=middle, showscale=False, xgap=2, ygap=2,
        )
    )  # fmt: skip
    look.setdefault("height", 110 + 32 * max(len(y), 1))
    figure = dress(figure, legend=False, **look)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_xaxes(type="category", showgrid=False)
    return figure


def bars_beside(frame, label: str, series: dict[str, str], x_title: str = "", stacked: bool = False, **look):
    """Horizontal bars, one per column of `series` (column: label), beside one another or end to end."""
    figure = go.Figure()
    for column, name in series.items():
        figure.add_bar(x=frame[column], y=frame[label].astype(str), orientation="h", name=name)
    look.setdefault("height", 110 + (34 if stacked else 16 + 20 * len(series)) * max(len(frame), 1))
    figure = dress(figure, x=x_title, **look)
    figure.update_layout(barmode="stack" if stacked else "group", legend_traceorder="normal")
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure


def dots(frame, label: str, series: dict[str, str], x_title: str = "", **look) -> go.Figure:
    """Marks on one line per row, the first on top; a kind of mark per column of `series` (column: label)."""
    figure = go.Figure()
    looks = (("circle", COLOURS[0]), ("line-ns-open", COLOURS[1]), ("diamond-open", QUIET))
    for (column, name), (symbol, colour) in zip(series.items(), looks):
        figure.add_scatter(
            x=frame[column], y=frame[label].astype(str), name=name, mode="markers",
            marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 3 if "ns" in symbol else 1}},
        )  # fmt: skip
    look.setdefault("height", 110 + 28 * max(len(frame), 1))
    figure = dress(figure, x=x_title, **look)
    figure.update_yaxes(autorange="reversed", type="category")
    return figure
