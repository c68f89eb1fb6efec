"""What pages are made of: sections, cards, tables, graphs, and the reason where there is nothing to show."""

import base64
from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard.figures import COLOURS
from dashboard.formats import NOTHING, write
from dashboard.view import View

SHOWN_ROWS = 50


def section(title: str, *children, about: str = ""):
    """A titled part of a page; `about` says in a sentence how to read it."""
    head = [dmc.Title(title, order=2, size="h4")]
    if about:
        head.append(dmc.Text(about, className="about", size="sm"))
    return dmc.Paper([*head, *children], withBorder=True, radius="md", p="md", className="section")


def columns(*children, most: int = 2):
    """Side by side where there is room, below one another on a phone."""
    return dmc.SimpleGrid(list(children), cols={"base": 1, "md": most}, spacing="md")


def missing(reason: str):
    """In place of a table or a figure: why there is none."""
    return dmc.Alert(
        reason[:1].upper() + reason[1:], title="Nothing to show", color="gray", variant="outline", className="missing"
    )


def refusal(view: View, dataset: str) -> str | None:
    """Why learning gave no rows for a table (`ml.<name>`), in the words of the data-quality mart; None if it did."""
    return view.one(
        "select max(observed) as reason from marts.mart_data_quality "
        "where as_of = $as_of and dataset = $dataset and stage = 'learning' and status <> 'passed'",
        dataset=dataset,
    ).get("reason")


def choice(
    name: str, label: str, choices: list[dict] | list[str], value: str | None, clearable: bool = False, width: int = 280
):
    """A filter; its `name` must be one of the page's FILTERS.

    choices: values, or dicts of value and label; value: the one that is shown, chosen or by default.
    """
    return dmc.Select(
        id={"filter": name}, label=label, data=choices, value=value, clearable=clearable, allowDeselect=clearable,
        placeholder="all", searchable=len(choices) > 8, w={"base": "100%", "sm": width}, size="sm", className="choice",
    )  # fmt: skip


def graph(figure, alt: str):
    """A chart with its content in words, for those who do not see it."""
    return html.Figure(
        dcc.Graph(
            figure=figure,
            config={"displayModeBar": False, "responsive": True},
            className="graph",
            style={"height": figure.layout.height},
        ),
        role="img",
        **{"aria-label": alt},
    )


def trend(frame, at: str, value: str, label: str, alt: str, height: int = 280):
    """A line over time, drawn by the part of Mantine that is a tenth of Plotly's size: the first page must be there
    at once. `at`: column of the times, as they are written; a missing value breaks the line.
    """
    points = frame[[at, value]].rename(columns={value: label}).astype(object)
    return html.Figure(
        dmc.LineChart(
            data=points.where(points.notna(), None).to_dict("records"), dataKey=at, h=height,
            series=[{"name": label, "color": COLOURS[0]}], curveType="linear", connectNulls=False,
            withDots=len(points) < 40, valueFormatter={"function": "thousands"}, className="trend-line",
        ),
        role="img",
        **{"aria-label": alt},
    )  # fmt: skip


def wide(child, caption: str):
    """A chart that needs room: on a phone it is scrolled sideways, and the page is not."""
    return html.Div(
        html.Div(child, style={"minWidth": "44rem"}),
        style={"overflowX": "auto"}, tabIndex=0, role="region", **{"aria-label": caption},
    )  # fmt: skip


def table(view: View, name: str, frame, shown: dict[str, tuple[str, str]], caption: str, links: dict | None = None):
    """The first rows of a frame, and all of it as CSV.

    shown: column → (heading, kind of `formats.write`). links: column → function of a row (dict) to an address.
    `name` must be one of the page's TABLES.
    """
    rows = frame.head(SHOWN_ROWS).to_dict("records")
    head = dmc.TableTr([dmc.TableTh(heading, className=_set_as(kind)) for heading, kind in shown.values()])
    body = [
        dmc.TableTr([_cell(view, row, column, kind, links or {}) for column, (_, kind) in shown.items()])
        for row in rows
    ]
    more = f"{len(rows):,} of {len(frame):,} rows" if len(frame) > len(rows) else _rows(len(rows))
    return html.Div(
        [
            html.Div(
                dmc.Table(
                    [dmc.TableCaption(caption), dmc.TableThead(head), dmc.TableTbody(body)],
                    striped=True, highlightOnHover=True, captionSide="top",
                ),
                className="scroll", tabIndex=0, role="region", **{"aria-label": caption},
            ),
            html.P([f"{more} · ", html.A("all as CSV", href=view.csv_link(name), className="csv")], className="below"),
        ],
        className="table",
    )  # fmt: skip


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _cell(view: View, row: dict, column: str, kind: str, links: dict):
    written = write(row[column], kind, row.get("currency") or view.currency)
    if column in links and written != NOTHING:
        written = html.A(written, href=links[column](row))
    return dmc.TableTd(written, className=_set_as(kind))


def _set_as(kind: str) -> str:
    """The class of a column: numbers to the right, days unbroken, sentences with room."""
    return {"text": "", "date": "date", "prose": "prose"}.get(kind, "number")


def figure_card(label: str, value: str, below: str = "", tone: str = "", trend: Sequence[float] = (), about: str = ""):
    """One figure, large; below it what it means, or why it is missing. tone: '', 'good' or 'bad'."""
    parts = [
        html.Div(label, className="label", title=about or None),
        html.Div(value, className="value nothing" if value == NOTHING else "value"),
    ]
    if len(trend) > 2:
        parts.append(html.Img(src=sparkline(trend), alt="", className="trend"))
    if below:
        parts.append(html.Div(below, className=f"change {tone}".strip()))
    return dmc.Paper(parts, withBorder=True, radius="md", p="sm", className="figure-card")


def cards(children: list, most: int = 4):
    """Figure cards in a row that wraps."""
    return dmc.SimpleGrid(children, cols={"base": 2, "md": most}, spacing="sm")


def sparkline(values: Sequence[float], width: int = 150, height: int = 30) -> str:
    """A line of values as an image that loads nothing: missing values break the line."""
    known = [v for v in values if v is not None and v == v]
    low, span = min(known, default=0), (max(known, default=1) - min(known, default=0)) or 1
    step = (width - 4) / max(len(values) - 1, 1)
    path, pen = [], "M"
    for number, value in enumerate(values):
        if value is None or value != value:
            pen = "M"
            continue
        path.append(f"{pen}{2 + number * step:.1f} {height - 3 - (value - low) / span * (height - 6):.1f}")
        pen = "L"
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' preserveAspectRatio='none'>"
        f"<path d='{''.join(path)}' fill='none' stroke='#2f7ed8' stroke-width='2' "
        "vector-effect='non-scaling-stroke'/></svg>"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
