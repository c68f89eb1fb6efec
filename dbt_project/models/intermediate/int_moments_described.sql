{#
    Marts that only the moment itself needs (KPIs, conversion, life cycles) are made for this run's as_of alone, not for
    the training dates; and once more for moments described earlier whose data have changed since.
#}
{%- set described = load_relation(api.Relation.create(
    database=this.database, schema='marts', identifier='mart_kpi', type='table'
)) if execute and flags.WHICH in ['build', 'run'] else none -%}
select date '{{ var('as_of') }}' as as_of
{% if described -%}
union
select distinct as_of
from {{ described }}
where as_of > date '{{ var('rebuild_from') }}' and as_of in ({{ as_of_dates() }})
{%- endif %}
