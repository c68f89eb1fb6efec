{#- What MetricFlow asks of every project: one row per day without a gap. -#}
with

digits as (

    {% for digit in range(10) -%}
    select {{ digit }} as digit
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    {{ add_days(
        "date '" ~ var('latest_as_of') ~ "'", '-(1000 * d.digit + 100 * c.digit + 10 * b.digit + a.digit)'
    ) }} as day
from digits as a
cross join digits as b
cross join digits as c
cross join digits as d
