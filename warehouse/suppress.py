"""Copies of the marts in which small cells are hidden: what publishing writes in place of them.

In: a connection to the warehouse and k. Out: temporary tables, by mart. Which cells are hidden is decided in
warehouse/small_cells.py; here they become null with a reason, and a hidden value gets a row for every column of its
table, so that an empty cell looks like any other.
"""

from warehouse import metrics
from warehouse.engine import quote
from warehouse.small_cell_cuts import CUTS, key_figure_cuts
from warehouse.small_cells import Cut, Hidden, find, reason

CELLS, FIGURES = "mart_kpi_cell", "mart_kpi"
CELL_KEY = ("as_of", "dimension_type", "period", "dimension_value", "period_start")


def hide_small_cells(connection, marts: set[str], k: int) -> dict[str, str]:
    """{mart: the temporary table to publish in its place}, of the marts that hide anything.

    marts: what is published; k: `personal.smallest_cell` of the shop, a count of customers.
    """
    cuts = tuple(cut for cut in (*CUTS, *key_figure_cuts()) if cut.mart in marts)
    copies: dict[str, str] = {}
    for cut, hidden in find(connection, cuts, k).items():
        if not (hidden.cells or hidden.values or hidden.columns):
            continue
        if cut.mart not in copies:
            copies[cut.mart] = _copy(connection, cut.mart)
        _hide(connection, copies[cut.mart], cut, hidden, reason(k))
        if cut.mart == CELLS and FIGURES in marts:
            if FIGURES not in copies:
                copies[FIGURES] = _copy(connection, FIGURES)
            _hide_figures(connection, copies[FIGURES], cut, reason(k))
    return copies


def _copy(connection, mart: str) -> str:
    name = f"temp.{quote(f'without_small_cells_{mart}')}"
    connection.execute(
        f"create or replace temp table {name.removeprefix('temp.')} as select * from marts.{quote(mart)}"
    )
    return name


def _hide(connection, table: str, cut: Cut, hidden: Hidden, text: str) -> None:
    cell = (*cut.within, *cut.value, *cut.across)
    _keys(connection, table, cell, hidden.cells)
    missing = ", ".join(quote(name) for name in (*cell, *cut.reason))
    connection.execute(
        f"insert into {table} ({missing}) select h.*, {', '.join('$text' for _ in cut.reason)} from hidden as h "
        f"where not exists (select 1 from {table} as t where {_same(cell)})",
        {"text": text},
    )
    _empty(connection, table, cut, cell, cut.measures, text)
    for key, found, measures in (
        ((*cut.within, *cut.value), hidden.values, cut.value_measures),
        ((*cut.within, *cut.across), hidden.columns, cut.across_measures),
    ):
        if found and measures:
            _keys(connection, table, key, found)
            _empty(connection, table, cut, key, measures, text)
    if cut.mart == CELLS:  # what the key figures made of it need to know
        _keys(connection, table, cell, hidden.cells)


def _keys(connection, table: str, names: tuple[str, ...], keys: set[tuple]) -> None:
    """The temporary table `hidden`, in the types of the mart."""
    columns = ", ".join(quote(name) for name in names)
    connection.execute(f"create or replace temp table hidden as select {columns} from {table} limit 0")
    if keys:
        marks = ", ".join("?" for _ in names)
        connection.executemany(f"insert into hidden values ({marks})", sorted(map(list, keys), key=str))


def _empty(connection, table: str, cut: Cut, key: tuple[str, ...], measures: tuple[str, ...], text: str) -> None:
    nothing = ", ".join(f"{quote(name)} = null" for name in measures)
    said = ", ".join(f"{quote(name)} = $text" for name in cut.reason)
    connection.execute(
        f"update {table} as t set {nothing}, {said} from hidden as h where {_same(key)}",
        {"text": text},
    )


def _same(key: tuple[str, ...]) -> str:
    return " and ".join(f"t.{quote(name)} is not distinct from h.{quote(name)}" for name in key)


def _hide_figures(connection, table: str, cut: Cut, text: str) -> None:
    """Key figures made of any measure of the cells in `hidden`."""
    names = [name for name, made_of in measures_of_figures().items() if made_of & set(cut.measures)]
    if not names:
        return
    of_cut = f"t.kpi in ({', '.join('?' for _ in names)})"
    connection.execute(
        f"update {table} as t set value = null, numerator = null, denominator = null, reason = ? "
        f"from hidden as h where {_same(CELL_KEY)} and {of_cut}",
        [text, *names],
    )
    connection.execute(
        f"""
        insert into {table} (as_of, dimension_type, period, dimension_value, period_start, kpi, unit, reason)
        select h.as_of, h.dimension_type, h.period, h.dimension_value, h.period_start, t.kpi, t.unit, ?
        from hidden as h
        join (select distinct as_of, dimension_type, period, kpi, unit from {table}) as t
            using (as_of, dimension_type, period)
        where {of_cut} and not exists (select 1 from {table} as k where {_same(CELL_KEY).replace("t.", "k.")}
            and k.kpi = t.kpi)
        """,
        [text, *names],
    )


def measures_of_figures() -> dict[str, set[str]]:
    """{KPI: every measure that it is made of}"""
    declared = metrics.declared()["metrics"]

    def made_of(name: str) -> set[str]:
        params = declared[name]["type_params"]
        parts = [params.get("numerator"), params.get("denominator"), *(m["name"] for m in params.get("metrics", []))]
        return {params["measure"]} if "measure" in params else set().union(*(made_of(part) for part in parts if part))

    return {name: made_of(name) for name, metric in declared.items() if metric.get("meta")}
