"""From where goods come, by region, and how far they travel."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import write
from dashboard.view import View

DRAWN = 20  # regions in a chart, the largest; the table and the CSV hold more
SENDERS, RECEIVERS = 12, 15  # of the matrix, those with most shipments


def ways(view: View) -> pd.DataFrame:
    """One row per region that goods came from and region that they went to, the most shipments first."""
    return view.frame(
        """
        select * exclude (as_of) from marts.mart_catchment
        where as_of = $as_of and ($country is null or to_country = $country)
        order by shipments desc, from_country, from_region, to_country, to_region
        """
    )


def radii(view: View) -> pd.DataFrame:
    """One row per region of suppliers: how far its goods travel; the most shipments first."""
    return view.frame(
        """
        select * exclude (as_of) from marts.mart_catchment_radius
        where as_of = $as_of order by shipments desc, from_country, from_region
        """
    )


TABLES = {"ways": ways, "radii": radii}


def render(view: View) -> list:
    """The matrix of ways, and how far the goods of each region travel."""
    return [_ways(view), _radii(view)]


def region_name(region: str, country: str) -> str:
    """A region with its country; where one is not told, the other."""
    told = [part for part in (region, country) if part and part != "unknown"]
    return ", ".join(told) or "Not named"


def why(found: pd.DataFrame, column: str, otherwise: str) -> str:
    """What the mart says of rows without a figure."""
    why = found.loc[found[column].isna(), "reason"].dropna()
    return why.iloc[0] if len(why) else otherwise


def _ways(view: View):
    title, found = "From where goods come", ways(view)
    if found.empty:
        return parts.section(
            title, parts.missing("No shipment has a supplier whose region is on record, nor a region that it went to.")
        )
    told = found.assign(
        sender=[region_name(*each) for each in zip(found["from_region"], found["from_country"])],
        receiver=[region_name(*each) for each in zip(found["to_region"], found["to_country"])],
    )
    sent, received = (
        told.groupby(name)["shipments"].sum().nlargest(most).index
        for name, most in (("sender", SENDERS), ("receiver", RECEIVERS))
    )
    grid = told.pivot(index="receiver", columns="sender", values="share_of_arrivals").reindex(received)[sent]
    written = grid.map(lambda value: "" if value != value else f"{100 * value:.0f} %")
    largest = "; ".join(
        f"{row.sender} to {row.receiver} {write(row.share_of_arrivals, 'share')}" for row in told.head(5).itertuples()
    )
    return parts.section(
        title,
        parts.wide(
            parts.graph(
                figures.heat(grid.astype(float), [_broken(n) for n in sent], list(received), written),
                f"Of the shipments that a region receives, those from each region. The most used ways: {largest}.",
            ),
            "From where goods come",
        ),
        parts.table(
            view, "ways", told.head(DRAWN),
            {
                "sender": ("From", "text"), "receiver": ("To", "text"), "shipments": ("Shipments", "count"),
                "amount": ("Sold", "amount"), "share_of_arrivals": ("Of what arrives there", "share"),
                "share_of_departures": ("Of what leaves here", "share"), "mean_distance_km": ("Distance, km", "count"),
                "mean_delivery_days": ("Delivery", "days"), "on_time_rate": ("On time", "share"),
                "reason": ("Why figures are missing", "prose"),
            },
            f"The {DRAWN} ways of goods that are most used; the CSV holds all",
        ),
        about="Rows: where orders went; columns: where their suppliers are; a row adds up to 100 %, but for "
        "regions not drawn. A shipment is what one supplier sent of an order; days are of orders of one supplier.",
    )  # fmt: skip


def _broken(name: str) -> str:
    return name.replace(", ", "<br>")


def _radii(view: View):
    title, found = "How far goods travel", radii(view)
    known = found[found["radius_50_km"].notna()]
    if known.empty:
        told = why(found, "radius_50_km", "No shipment has both the place of its supplier and of its customer.")
        return parts.section(title, parts.missing(told))
    told = found.assign(name=[region_name(*each) for each in zip(found["from_region"], found["from_country"])])
    drawn = told[told["radius_50_km"].notna()].head(DRAWN)
    words = "; ".join(
        f"{n} {write(half, 'count')} and {write(most, 'count')} km"
        for n, half, most in zip(drawn["name"], drawn["radius_50_km"], drawn["radius_80_km"])
    )
    series = {"radius_50_km": "Half within", "radius_80_km": "Four in five within"}
    figure = figures.dots(drawn, "name", series, "Kilometres")
    figure.update_xaxes(rangemode="tozero")
    return parts.section(
        title,
        parts.graph(figure, f"Half and four in five of the shipments stay within: {words}."),
        parts.table(
            view, "radii", told,
            {
                "name": ("Suppliers in", "text"), "shipments": ("Shipments", "count"),
                "share_within_region": ("Stay in the region", "share"),
                "radius_50_km": ("Half within, km", "count"), "radius_80_km": ("Four in five within, km", "count"),
                "reason": ("Why figures are missing", "prose"),
            },
            "How far the goods of a region of suppliers travel",
        ),
        about="Great-circle distance from supplier to customer. Of the whole shop.",
    )  # fmt: skip
