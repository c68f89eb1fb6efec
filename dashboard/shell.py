"""What is around every page: header, shop switch, navigation, filters, and which version is seen."""

from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import parts
from dashboard.formats import label
from dashboard.pages import GROUPS, PAGES
from dashboard.served import published_shops
from dashboard.view import CHOICES, View, asked

EXCLUSIVE = ("country", "segment")  # key figures are kept by one or the other


def layout():
    """The frame, empty until the address is known."""
    return dmc.MantineProvider(
        [
            dcc.Location(id="address", refresh="callback-nav"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(
                        dmc.Group(
                            [
                                dmc.Burger(id="burger", hiddenFrom="sm", size="sm", **{"aria-label": "Pages"}),
                                html.Div("Marketing", className="brand"),
                                html.Div(id="shop-switch", className="shop-switch"),
                                dmc.ColorSchemeToggle(
                                    lightIcon="◐", darkIcon="◑", variant="default", **{"aria-label": "Light or dark"}
                                ),
                            ],
                            h="100%", px="md", wrap="nowrap",
                        )
                    ),
                    dmc.AppShellNavbar(dmc.ScrollArea(html.Div(id="pages"), h="100%"), p="sm"),
                    dmc.AppShellMain(html.Div(id="page", className="page", **{"aria-live": "polite"})),
                ],
                id="frame", header={"height": 56}, navbar=navbar(shown=False), padding="md",
            ),
        ],
        defaultColorScheme="auto",
        theme={"fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "primaryColor": "blue"},
    )  # fmt: skip


def navbar(shown: bool) -> dict:
    """The navigation's place; on a phone it is hidden until asked for, and again once a page is chosen."""
    return {"width": 220, "breakpoint": "sm", "collapsed": {"mobile": not shown, "desktop": False}}


def switch(view: View):
    """The shop switch: those with something published."""
    return dmc.Select(
        id={"filter": "shop"},
        data=[{"value": name, "label": title} for name, title in published_shops().items()],
        value=view.shop, allowDeselect=False, searchable=True, w={"base": 150, "sm": 280},
        **{"aria-label": "Shop"},
    )  # fmt: skip


def navigation(view: View) -> list:
    """Links to every page, the dbt docs and the data-quality report of the version that is seen."""
    links = []
    for group, names in GROUPS.items():
        links.append(html.Div(group, className="group"))
        links += [
            dmc.NavLink(
                label=PAGES[name].TITLE, href=view.link(name), active=name == view.page, refresh=False,
                **({"aria-current": "page"} if name == view.page else {}),
            )
            for name in names
        ]  # fmt: skip
    query = urlencode({"shop": view.shop, "version": view.version})
    links += [
        html.A("Data-quality report", href=f"data_quality_report?{query}", target="_blank", className="document"),
        html.A("Tables and lineage (dbt docs)", href=f"dbt_docs?{query}", target="_blank", className="document"),
    ]
    return links


def page(view: View, module, content: list):
    """A page: its title and question, filters, what was left out of the address, content, and the version."""
    left_out = [dmc.Alert("; ".join(view.left_out) + ": left out.", color="yellow")] if view.left_out else []
    return html.Div(
        [
            html.Div(
                [dmc.Title(module.TITLE, order=1, size="h2"), dmc.Text(module.QUESTION, className="about")],
                className="title",
            ),
            dmc.Group(_filters(view, module), gap="sm", align="end", className="filters"),
            *left_out,
            *content,
            html.P(f"{view.title} · version {view.version} · as of {view.as_of}", className="version"),
        ],
        **{"data-version": view.version, "data-shop": view.shop, "data-page": view.page},
    )


def refusal(text: str):
    """In place of a page."""
    return dmc.Alert(text, title="Nothing to show", color="red", variant="outline", className="missing")


def chosen(page_name: str, search: str | None, name: str, value: str | None) -> tuple[str, str]:
    """(page, query) of the address after a filter changed. Another shop drops what belonged to the one before."""
    values = asked(search)
    values.pop("version", None)
    if name == "shop":
        values = {"shop": value}
    elif value:
        values[name] = value
        for other in EXCLUSIVE:
            if name in EXCLUSIVE and other != name:
                values.pop(other, None)
    else:
        values.pop(name, None)
    return page_name or "overview", f"?{urlencode(values)}" if values else ""


def _filters(view: View, module) -> list:
    """As of which moment, and the page's own filters."""
    moments = [day.isoformat() for day in view.moments]
    selects = [parts.choice("as_of", "As of", moments, view.as_of.isoformat(), width=190)]
    for name in module.FILTERS:
        if name in CHOICES:
            choices = view.frame(CHOICES[name])["value"].tolist()
            labelled = [{"value": value, "label": label(value)} for value in choices]
            selects.append(parts.choice(name, name.capitalize(), labelled, view.filters.get(name), True, width=190))
    return selects
