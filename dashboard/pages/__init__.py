"""The pages, in the order of the navigation: a module each, with TITLE, QUESTION, FILTERS, TABLES and `render(view)`.

TITLE names the page; QUESTION is what it answers, in a sentence. FILTERS are the names that its address may carry
besides `shop` and `as_of`. TABLES maps a table's name to the function that makes its rows from a `View`: the page shows
the first of them, the CSV holds all. `render` returns the components of the page.
"""

from importlib import import_module

GROUPS = {
    "The shop": ("overview", "funnel"),
    "Customers": ("segments", "customer", "value", "places"),
    "Learned": ("recommendations", "model"),
    "Marketing": ("campaigns", "channels"),
    "Said and measured": ("text", "survey", "grey_relations"),
    "Behind it": ("data_quality",),
}

PAGES = {name: import_module(f"dashboard.pages.{name}") for names in GROUPS.values() for name in names}
