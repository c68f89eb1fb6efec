"""What is planned: who is contacted, held out and held back; what strategies are expected to bring; the budget."""

import pandas as pd

from dashboard import figures, parts
from dashboard.formats import estimates, label, span, write
from dashboard.view import View

BASIS = {"experiment": "measured by lot", "prior": "stated, not measured", "comparison": "against customers alike"}


def plan(view: View) -> pd.DataFrame:
    """One row per campaign planned: contacted, held out, held back, and what it can show."""
    return view.frame(
        """
        select campaign_id, strategy, channel, users, treated_users, control_users, held_back_users,
               planned_control_share, response_days, baseline_rate, baseline_basis, expected_response_rate,
               minimum_detectable_lift, power_at_expected_response, is_powered,
               cost_amount, expected_gain_amount, reason
        from marts.mart_campaign_plan where as_of = $as_of
        order by treated_users desc, users desc, strategy, channel
        """
    )


def held_back(view: View) -> pd.DataFrame:
    """One row per reason: customers of a strategy who are not contacted."""
    return view.frame(
        """
        select held_back_reason as reason, count(*) as customers
        from marts.fct_audience where as_of = $as_of and arm = 'held_back'
        group by 1 order by customers desc, reason
        """
    )


def strategies(view: View) -> pd.DataFrame:
    """One row per strategy: its customers, how they are thought to respond, and what contacting all would bring."""
    return view.frame(
        """
        with customers as (
            select strategy, bool_or(is_contacted) as is_contacted, count(*) as customers
            from marts.fct_customer_strategy
            where as_of = $as_of and ($segment is null or segment_name = $segment)
            group by 1
        ),
        response as (
            select * from marts.mart_strategy_response where as_of = $as_of
            qualify row_number() over (partition by strategy order by segment_name = coalesce($segment, 'all') desc,
                                       segment_name = 'all' desc, segment_name) = 1
        ),
        forecast as (
            select * from marts.mart_strategy_forecast
            where as_of = $as_of and segment_name = coalesce($segment, 'all')
        )
        select c.strategy, c.is_contacted, c.customers, coalesce(f.basis, r.basis) as basis, r.campaigns,
               r.response_rate, r.response_low, r.response_high, r.is_shown_ineffective, f.response_days,
               f.extra_buyers, f.extra_buyers_low, f.extra_buyers_high, f.extra_sales_amount, f.investment_amount,
               f.sales_growth_rate, f.sales_growth_low, f.sales_growth_high,
               f.customer_growth_rate, f.customer_growth_low, f.customer_growth_high,
               f.return_rate, f.return_low, f.return_high, f.return_basis, coalesce(f.reason, r.reason) as reason
        from customers as c left join response as r using (strategy) left join forecast as f using (strategy)
        order by c.is_contacted desc, c.customers desc, c.strategy
        """
    )


def budget(view: View) -> pd.DataFrame:
    """One row per strategy and channel: its part of the budget and the gain expected of it."""
    return view.frame(
        """
        select strategy, channel, budget_amount, candidates, contacts, cost_amount, share, expected_gain_amount,
               expected_gain_low, expected_gain_high, marginal_return, gain_basis, grey_degree, grey_contacts,
               grey_cost_amount, grey_gain_amount, gain_over_grey_amount, reason
        from marts.mart_budget_split where as_of = $as_of
        order by strategy <> 'all', expected_gain_amount desc, strategy, channel
        """
    )


TABLES = {"plan": plan, "held_back": held_back, "strategies": strategies, "budget": budget}


def render(view: View) -> list:
    """Planned campaigns, strategies with their forecast, and the budget."""
    return [_planned(view), _strategies(view), _budget(view)]


def _planned(view: View):
    found, held = plan(view), held_back(view)
    title = "Planned next"
    if found.empty:
        told = parts.refusal(view, "activation.audience") or "No customer has a strategy that is sent to anybody."
        return parts.section(title, parts.missing(told))
    totals = found[["treated_users", "control_users", "held_back_users"]].sum()
    shown = [
        parts.cards(
            [
                parts.figure_card("To be contacted", write(totals["treated_users"], "count")),
                parts.figure_card("Held out by lot", write(totals["control_users"], "count"), "to measure the effect"),
                parts.figure_card("Held back", write(totals["held_back_users"], "count"), _reasons(held)),
                parts.figure_card("Cost", write(found["cost_amount"].sum(), "amount", view.currency)),
            ]
        ),
        parts.table(
            view,
            "plan",
            found.assign(
                strategy=found["strategy"].map(label),
                channel=found["channel"].map(label),
            ),
            {
                "strategy": ("Strategy", "text"),
                "channel": ("Channel", "text"),
                "treated_users": ("Contacted", "count"),
                "control_users": ("Held out", "count"),
                "held_back_users": ("Held back", "count"),
                "cost_amount": ("Cost", "amount"),
                "expected_gain_amount": ("Expected gain", "amount"),
                "reason": ("Will the effect show?", "prose"),
            },
            "Campaigns planned",
        ),
    ]
    return parts.section(
        title,
        *shown,
        about="Of the whole shop. Whoever is held out by lot is not contacted, so that the effect can be measured; who "
        "is held back has not agreed, has been contacted enough, or is not expected to bring more than it costs.",
    )


def _reasons(held: pd.DataFrame) -> str:
    told = [f"{write(row.customers, 'count')} {row.reason}" for row in held.head(3).itertuples()]
    return "; ".join(told)


def _strategies(view: View):
    found = strategies(view)
    title = "Strategies: what contacting everybody would bring"
    if found.empty:
        return parts.section(title, parts.missing("No customer has a strategy at this moment."))
    told = found.assign(
        name=found["strategy"].map(label),
        basis=found["basis"].map(lambda name: BASIS.get(name, label(name))),
        response=estimates(found, ("response_rate", "response_low", "response_high"), "points"),
        buyers=estimates(found, ("extra_buyers", "extra_buyers_low", "extra_buyers_high"), "number"),
        growth=estimates(found, ("sales_growth_rate", "sales_growth_low", "sales_growth_high"), "share"),
        gain=estimates(found, ("return_rate", "return_low", "return_high"), "share"),
    )
    of_whom = f"of the segment {label(view.segment).lower()}" if view.segment else "of the whole shop"
    forecast = told[told["sales_growth_rate"].notna()]
    shown = []
    if len(forecast):
        figure = figures.intervals(
            forecast,
            "name",
            "sales_growth_rate",
            "sales_growth_low",
            "sales_growth_high",
            "Sales growth",
        )
        figure.update_xaxes(tickformat="+.0%")
        shown.append(
            parts.graph(
                figure,
                "Expected sales growth: "
                + "; ".join(f"{row.name} {row.growth}" for row in forecast.rename_axis(None).itertuples(index=False)),
            )
        )
    shown.append(
        parts.table(
            view,
            "strategies",
            told,
            {
                "name": ("Strategy", "text"),
                "customers": ("Customers", "count"),
                "response": ("More who buy", "written"),
                "basis": ("This is", "text"),
                "buyers": ("Extra buyers", "written"),
                "growth": ("Sales growth", "written"),
                "investment_amount": ("Investment", "amount"),
                "gain": ("Return", "written"),
                "reason": ("In words", "prose"),
            },
            "Strategies and what they are expected to bring",
        )
    )
    days = forecast["response_days"].dropna()
    within = f" within {int(days.iloc[0])} days" if len(days) else ""
    return parts.section(
        title,
        *shown,
        about=f"If every customer of a strategy were contacted, {of_whom}{within}. In brackets the 95 % interval; "
        "where a response is stated and not measured, the interval is as wide as what is not known.",
    )


def _budget(view: View):
    found = budget(view)
    title = "Budget"
    if found.empty:
        return parts.section(
            title,
            parts.missing("No budget is divided: nobody can be contacted, or no strategy promises more than it costs."),
        )
    total, split = found[found["strategy"] == "all"], found[found["strategy"] != "all"]
    gain = total.iloc[0] if len(total) else None
    told = split.assign(strategy=split["strategy"].map(label), channel=split["channel"].map(label))
    told["interval"] = [
        span(a, b, "amount", view.currency) for a, b in zip(split["expected_gain_low"], split["expected_gain_high"])
    ]
    shown = []
    if gain is not None:
        over = write(gain["gain_over_grey_amount"], "amount", view.currency)
        candidates = f"of {write(gain['candidates'], 'count')}"
        gained = write(gain["expected_gain_amount"], "amount", view.currency)
        ends = span(gain["expected_gain_low"], gain["expected_gain_high"], "amount", view.currency)
        shown.append(
            parts.cards(
                [
                    parts.figure_card("Contacts", write(gain["contacts"], "count"), candidates),
                    parts.figure_card("Cost", write(gain["cost_amount"], "amount", view.currency), _limit(view, gain)),
                    parts.figure_card("Expected gain", gained, ends),
                    parts.figure_card("More than by grey degree", over, "the same cost divided by likeness to sales"),
                ]
            )
        )
    shown.append(
        parts.table(
            view,
            "budget",
            told,
            {
                "strategy": ("Strategy", "text"),
                "channel": ("Channel", "text"),
                "candidates": ("Could be contacted", "count"),
                "contacts": ("Contacts", "count"),
                "cost_amount": ("Cost", "amount"),
                "share": ("Share of cost", "share"),
                "expected_gain_amount": ("Expected gain", "amount"),
                "interval": ("From worst to best response", "written"),
                "grey_contacts": ("Contacts by grey degree", "count"),
                "reason": ("Caveat", "prose"),
            },
            "Budget by strategy and channel",
        )
    )
    basis = found["gain_basis"].dropna()
    return parts.section(
        title,
        *shown,
        about=f"Of the whole shop. Contacts with the highest expected {basis.iloc[0] if len(basis) else 'gain'} per "
        "unit of cost come first; contacts without expected gain get nothing.",
    )


def _limit(view: View, total: pd.Series) -> str:
    limit = total["budget_amount"]
    return "no limit is set" if limit != limit else f"of {write(limit, 'amount', view.currency)}"
