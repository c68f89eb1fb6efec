"""Where do customers live, and how well are they served: regions beside one another, deliveries, places on a map."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import write
from dashboard.pages import places_goods
from dashboard.pages.places_goods import DRAWN, region_name, why
from dashboard.view import View

TITLE = "Places"
QUESTION = "Where do customers live, and how well are they served?"
FILTERS = ("country",)
OCEAN = 45  # degrees of longitude without a customer at which the map is divided


def regions(view: View) -> pd.DataFrame:
    """One row per region that orders went to, the most customers first."""
    return view.frame(
        """
        select * exclude (as_of) from marts.mart_region
        where as_of = $as_of and ($country is null or country = $country) order by customers desc, country, region
        """
    )


def places(view: View) -> pd.DataFrame:
    """One row per place where customers live close together, the most customers first."""
    return view.frame(
        """
        select cluster_id, place_name, customers, customer_share, orders, amount, centre_latitude, centre_longitude,
               radius_km, hull, reason
        from marts.mart_place_cluster where as_of = $as_of order by customers desc, cluster_id
        """
    )


TABLES = {"regions": regions, "places": places, **places_goods.TABLES}


def render(view: View) -> list:
    """Regions, deliveries, the map of places, from where goods come and how far they travel."""
    found = regions(view)
    if found.empty:
        return [parts.missing(f"No order as of {view.as_of} says where it went or where its customer lives.")]
    found = found.assign(name=[region_name(*each) for each in zip(found["region"], found["country"])])
    return [_regions(view, found), _served(view, found), _map(view), *places_goods.render(view)]


def _regions(view: View, found: pd.DataFrame):
    drawn = found[found["customer_amount_index"].notna()].head(DRAWN)
    if len(drawn) > 1:
        chart = parts.columns(
            parts.graph(
                figures.bars(drawn, "name", "customers", "Customers", [write(n, "count") for n in drawn["customers"]]),
                "Customers: " + "; ".join(f"{row.name} {row.customers:,}" for row in drawn.itertuples()),
            ),
            _against_all(
                drawn, {"customer_amount_index": "Spent per customer", "order_amount_index": "Spent per order"},
                "Index (all = 100)", "Spent per customer, all regions = 100",
            ),
        )  # fmt: skip
    else:
        only = drawn["name"].iloc[0] if len(drawn) else None
        chart = parts.missing(
            f"Everybody on record belongs to one region ({only}), so there is nothing to compare."
            if only and len(found) == 1
            else why(found, "customer_amount_index", "Too few regions have enough orders to be compared.")
        )
    return parts.section(
        "Regions",
        chart,
        parts.table(
            view, "regions", found,
            {
                "name": ("Region", "text"), "customers": ("Customers", "count"),
                "customer_share": ("Of all customers", "share"), "orders": ("Orders", "count"),
                "amount": ("Sold less refunds", "amount"), "mean_order_amount": ("Per order", "amount"),
                "customer_amount_index": ("Spending index", "count"),
                "mean_delivery_days": ("Delivery", "days"), "on_time_rate": ("On time", "share"),
                "mean_distance_km": ("From supplier, km", "count"), "shipping_share": ("Shipping in price", "share"),
                "reason": ("Why figures are missing", "prose"),
            },
            "Regions: customers, spending and service",
        ),
        about="Where orders of the reference period went, or else where the customer lives. An index of 110 is a tenth "
        "above all regions together; the dotted line is 100.",
    )  # fmt: skip


def _against_all(drawn: pd.DataFrame, series: dict[str, str], x: str, words: str):
    """Marks per region around 100, the whole."""
    figure = figures.dots(drawn, "name", series, x)
    figure.add_vline(x=100, line_dash="dot", line_color=figures.QUIET)
    first = next(iter(series))
    told = "; ".join(f"{name} {write(value, 'count')}" for name, value in zip(drawn["name"], drawn[first]))
    return parts.graph(figure, f"{words}: {told}.")


def _served(view: View, found: pd.DataFrame):
    title = "How well they are served"
    drawn = found[found["mean_delivery_days"].notna()].head(DRAWN).sort_values("mean_delivery_days", ascending=False)
    if drawn.empty:
        reason = "No delivery of an order is on record."
        if found["delivered_orders"].sum():
            reason = why(found, "mean_delivery_days", reason)
        return parts.section(title, parts.missing(reason))
    charts = [
        parts.graph(
            figures.bars(
                drawn, "name", "mean_delivery_days", "Days to delivery",
                [write(days, "days") for days in drawn["mean_delivery_days"]],
            ),
            "Days to delivery: "
            + "; ".join(f"{n} {write(d, 'days')}" for n, d in zip(drawn["name"], drawn["mean_delivery_days"])),
        )
    ]  # fmt: skip
    timely = drawn[drawn["on_time_rate"].notna()]
    if len(timely):
        figure = figures.bars(
            timely.assign(on_time=100 * timely["on_time_rate"]), "name", "on_time",
            "On time, %", [write(rate, "share") for rate in timely["on_time_rate"]],
        )  # fmt: skip
        figure.update_xaxes(range=[0, 100])
        rates = "; ".join(f"{n} {write(r, 'share')}" for n, r in zip(timely["name"], timely["on_time_rate"]))
        charts.append(parts.graph(figure, f"Delivered on time: {rates}."))
    else:
        charts.append(parts.missing("No delivery has a promised day, so none is early or late."))
    return parts.section(
        title,
        parts.columns(*charts),
        about="Mean days from order to delivery, the slowest region first. On time: of the delivered orders with a "
        "promised day, those that were there by it. Regions with too few deliveries are left out; the table above says "
        "which.",
    )


def _map(view: View):
    title, found = "Where customers live close together", places(view)
    if found.empty:
        reason = parts.refusal(view, "ml.place_cluster") or "Nowhere do enough customers live close together."
        return parts.section(title, parts.missing(reason))
    lone = view.one(
        "select count(*) filter (cluster_id = -1) as apart, count(*) as located from marts.fct_customer_place "
        "where as_of = $as_of"
    )
    told = found.assign(
        name=[name or f"Place {number}" for name, number in zip(found["place_name"], found["cluster_id"])]
    )
    drawn = told[told["customers"].notna()]  # of the others the table says why they are not told
    by_longitude = drawn.sort_values("centre_longitude")
    sides = (by_longitude["centre_longitude"].diff() > OCEAN).cumsum()
    charts = [
        parts.graph(
            _drawn(side, drawn["customers"].max()),
            "Customers, degrees north and east: "
            + "; ".join(
                f"{row.name_} {row.customers:,} at {row.centre_latitude:.1f}, {row.centre_longitude:.1f}"
                for row in side.rename(columns={"name": "name_"}).head(DRAWN).itertuples()
            ) + ".",
        )
        for _, side in by_longitude.groupby(sides)
    ] or [parts.missing(str(told["reason"].iloc[0]))]  # fmt: skip
    return parts.section(
        title,
        parts.columns(*charts) if len(charts) > 1 else charts[0],
        parts.table(
            view, "places", told,
            {
                "name": ("Around", "text"), "customers": ("Customers", "count"),
                "customer_share": ("Of those with a place", "share"), "orders": ("Orders", "count"),
                "amount": ("Paid less refunds", "amount"), "radius_km": ("Nine in ten within, km", "number"),
                **({"reason": ("Why figures are missing", "prose")} if len(drawn) < len(told) else {}),
            },
            "Places where customers live close together",
        ),
        about="Each circle is a place, as large as the number of its customers; north is up. Places are found by "
        "distance alone, borders do not count; none stands for a handful of people. The CSV holds outlines (GeoJSON). "
        f"{lone['apart']:,} of {lone['located']:,} customers live apart from all of these. Of the whole shop.",
    )  # fmt: skip


def _drawn(side: pd.DataFrame, most: int):
    """Places as circles on longitude and latitude; a degree is about as long both ways in the middle of the map."""
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Scatter(
            x=side["centre_longitude"], y=side["centre_latitude"], mode="markers+text", text=side["name"],
            textposition=["top center" if number % 2 else "bottom center" for number in range(len(side))],
            customdata=side[["customers"]], hovertemplate="%{text}: %{customdata[0]:,} customers<extra></extra>",
            marker={
                "size": side["customers"], "sizemode": "area", "sizeref": most / 34**2, "sizemin": 4,
                "color": figures.COLOURS[0], "opacity": 0.7,
            },
        )
    )  # fmt: skip
    return figures.dress(figure, "Degrees east", "Degrees north", height=420, legend=False)
