"""What one request is about: the address taken apart, and every figure of the page read from one version.

In: the path and the query of an address. Out: a `View`. Values from the address reach SQL as bound parameters only,
and those that are filters must be among what the version holds: anything else is left out, and the page says so.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

import duckdb
import pandas as pd

from dashboard import served

PARAMETER = re.compile(r"\$([a-z_]+)")
LONGEST = 200  # characters of a value in an address


@dataclass(frozen=True)
class View:
    """One page of one version. `filters` holds what was asked and exists; `left_out` what was asked and does not."""

    page: str
    shop: str
    title: str
    version: str
    as_of: date
    moments: tuple[date, ...]
    currency: str
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    filters: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def country(self) -> str | None:
        return self.filters.get("country")

    @property
    def segment(self) -> str | None:
        return self.filters.get("segment")

    def frame(self, sql: str, **values) -> pd.DataFrame:
        """Rows of a query; a missing text is None, a missing number NaN.

        `$as_of`, `$country`, `$segment` and the names in `values` are bound, never spliced in.
        """
        known = {"as_of": self.as_of, "country": self.country, "segment": self.segment, **values}
        asked = {name: known[name] for name in set(PARAMETER.findall(sql))}
        rows = self.connection.cursor().execute(sql, asked or None).df()
        for name in rows:
            if rows[name].dtype.kind not in "iufbM":
                rows[name] = rows[name].astype(object).where(rows[name].notna(), None)
        return rows

    def records(self, sql: str, **values) -> list[dict]:
        """Rows of a query as dicts; missing values are None."""
        rows = self.frame(sql, **values)
        return rows.astype(object).where(rows.notna(), None).to_dict("records")

    def one(self, sql: str, **values) -> dict:
        """The first row of a query as a dict; empty when there is none. Missing values are None."""
        return next(iter(self.records(sql, **values)), {})

    def link(self, page: str = "", **changed: str | None) -> str:
        """The query of an address like this one; a filter given as None is dropped. Relative, so it works anywhere."""
        values = {"shop": self.shop, **self.filters, **changed}
        if page and page != self.page:
            values = {k: v for k, v in values.items() if k in ("shop", "as_of", "country", "segment") or k in changed}
        return f"{page or self.page}?{urlencode({k: v for k, v in values.items() if v})}"

    def csv_link(self, table: str) -> str:
        """The address of a table of this page, of this very version."""
        values = {"shop": self.shop, "version": self.version, **self.filters}
        return f"csv/{self.page}/{table}?{urlencode({k: v for k, v in values.items() if v})}"


def asked(search: str | None) -> dict[str, str]:
    """The query of an address as a dict; the last of equal names wins, values too long to be meant are cut."""
    return {key: value[:LONGEST] for key, value in parse_qsl((search or "").lstrip("?")) if value}


def view(page: str, search: str | None, filters: tuple[str, ...] = ()) -> View:
    """Take an address apart and open the version. `filters`: names of filters that the page knows besides as_of.

    Raises NotPublished or PublishedDamaged, whose text may be shown.
    """
    given = asked(search)
    shops = served.published_shops()
    shop = given.get("shop") if given.get("shop") in shops else served.preferred_shop()
    found = served.serve(shop, given.get("version"))
    plain = View(page, shop, shops.get(shop, shop), found.version, date.min, (), "", found.connection)
    moments = tuple(plain.frame("select distinct as_of from marts.mart_kpi order by as_of desc")["as_of"].dt.date)
    moments = moments or (date.fromisoformat(found.version[:10]),)
    left_out = [] if given.get("shop") in (None, shop) else [f"'{given['shop']}' is not a published shop"]
    chosen = {}
    for name in ("as_of", *filters):
        value = given.get(name)
        if value is None:
            continue
        choices = [day.isoformat() for day in moments] if name == "as_of" else CHOICES.get(name)
        if isinstance(choices, str):
            choices = plain.frame(choices)["value"].tolist()
        if choices is None or value in choices:
            chosen[name] = value
        else:
            left_out.append(f"'{value}' is no {name.replace('_', ' ')} of this shop")
    as_of = date.fromisoformat(chosen["as_of"]) if "as_of" in chosen else moments[0]
    currency = plain.one("select max(unit) as unit from marts.mart_kpi where kpi = 'revenue'").get("unit") or ""
    return replace(plain, as_of=as_of, moments=moments, currency=currency, filters=chosen, left_out=tuple(left_out))


DIMENSION = "select distinct dimension_value as value from marts.mart_kpi where dimension_type = '{}' order by 1"
CHOICES = {name: DIMENSION.format(name) for name in ("country", "segment")}
"""Filters whose values are known; any other name (a customer searched for, a campaign) is free text, bound in SQL."""
