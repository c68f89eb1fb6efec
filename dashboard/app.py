"""The dashboard: one address, one request, one version.

A Dash application whose only callback turns an address into a page. Everything that a page shows comes from one
connection, so nothing on it can be of two versions; everything that is chosen is in the address, so a page can be kept
as a bookmark, reloaded and sent to a colleague.
"""

import logging

import duckdb
from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dashboard import shell
from dashboard.pages import PAGES
from dashboard.view import view
from warehouse.published import NotPublished, PublishedDamaged

log = logging.getLogger(__name__)
DOCUMENT = """<!doctype html>
<html lang="en"><head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body></html>"""


def create(prefix: str = "/") -> Dash:
    """The application, served below `prefix` (begins and ends with a slash). Loads nothing from another host."""
    app = Dash(
        __name__,
        requests_pathname_prefix=prefix,
        routes_pathname_prefix="/",
        title="Marketing",
        update_title=None,
        serve_locally=True,
        index_string=DOCUMENT,
        suppress_callback_exceptions=True,
        add_log_handler=False,
    )
    app.layout = shell.layout()

    @app.callback(
        Output("shop-switch", "children"),
        Output("pages", "children"),
        Output("page", "children"),
        Input("address", "pathname"),
        Input("address", "search"),
    )
    def show(pathname: str | None, search: str | None):
        return draw((pathname or "").removeprefix(prefix), search)

    @app.callback(
        Output("address", "pathname"),
        Output("address", "search"),
        Input({"filter": ALL}, "value"),
        State({"filter": ALL}, "id"),
        State("address", "pathname"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def choose(values: list, names: list, pathname: str | None, search: str | None):
        changed = (ctx.triggered_id or {}).get("filter")
        if changed is None or len(ctx.triggered) > 1:  # filters drawn anew arrive together; a person changes one
            return no_update, no_update
        chosen = {name["filter"]: value for name, value in zip(names, values)}[changed]
        page, query = shell.chosen((pathname or "").removeprefix(prefix), search, changed, chosen)
        return (no_update, no_update) if query == (search or "") else (f"{prefix}{page}", query)

    @app.callback(
        Output("frame", "navbar"),
        Input("burger", "opened"),
        Input("address", "pathname"),
        Input("address", "search"),
        prevent_initial_call=True,
    )
    def open_pages(opened: bool, *_):
        return shell.navbar(shown=bool(opened) and ctx.triggered_id == "burger")

    return app


def draw(page: str, search: str | None) -> tuple:
    """(shop switch, navigation, page) for an address. Never raises: what went wrong is said in place of the page."""
    module = PAGES.get(page or "overview")
    try:
        if module is None:
            seen = view("overview", search)
            return shell.switch(seen), shell.navigation(seen), shell.refusal("There is no such page.")
        seen = view(page or "overview", search, module.FILTERS)
    except (NotPublished, PublishedDamaged) as refused:
        return None, None, shell.refusal(str(refused))
    try:
        content = module.render(seen)
    except duckdb.CatalogException:
        content = [
            shell.refusal("This version was published before this page's tables were: the next run brings them.")
        ]
    except Exception:
        log.exception("page %s of %s %s", page, seen.shop, seen.version)
        content = [shell.refusal("This page could not be drawn; the log of the API server says why.")]
    return shell.switch(seen), shell.navigation(seen), shell.page(seen, module, content)
