{#- models/semantic as a table, so that whoever reads KPIs needs no file. -#}
{% for kpi in declared_kpis() -%}
select
    {{ as_literal(kpi.name) }} as kpi,
    {{ as_literal(kpi.label) }} as label,
    {{ as_literal(kpi.subject) }} as subject,
    {{ as_literal(kpi.description) }} as description,
    {{ as_literal(kpi.formula) }} as formula,
    {{ as_literal(kpi.needs | join(', ')) }} as measures,
    {{ as_literal(kpi.unit) }} as unit,
    {{ as_literal(kpi.direction) }} as better,
    {{ as_literal(kpi.periods | join(', ')) }} as periods,
    {{ as_literal(kpi.dimensions | join(', ')) }} as dimensions,
    {% if kpi.not_by -%}
    {%- set reasons = [] -%}
    {%- for type, reason in kpi.not_by.items() %}{% do reasons.append(type ~ ': ' ~ reason) %}{% endfor -%}
    {{ as_literal(reasons | join('; ')) }} as not_by,
    {%- else -%}
    cast(null as string) as not_by,
    {%- endif %}
    {{ as_literal(kpi.source) }} as source
{{ 'union all' if not loop.last }}
{% endfor -%}
