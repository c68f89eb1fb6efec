{#
    What models/semantic declares (read and checked by warehouse/metrics.py), as SQL over the columns of mart_kpi_cell.
#}
{# KPIs in alphabetical order: [{name, label, description, numerator, denominator, formula, needs, …}]. #}
{% macro declared_kpis() %}
    {%- set metrics = var('key_figures').metrics -%}
    {%- set kpis = [] -%}
    {%- for name, metric in metrics | dictsort if metric.meta -%}
        {%- set meta = metric.meta -%}
        {%- set not_by = meta.not_by or {} -%}
        {%- set bottom = metric.type_params.denominator -%}
        {%- set top = metric.type_params.numerator or name -%}
        {%- do kpis.append({
            'name': name,
            'label': metric.label,
            'description': metric.description,
            'unit': var('reporting_currency') if meta.unit == 'money' else meta.unit,
            'direction': meta.direction,
            'subject': meta.subject,
            'source': meta.source,
            'numerator': metric_sql(top, metrics),
            'denominator': metric_sql(bottom, metrics) if bottom,
            'formula': top ~ ' / ' ~ bottom if bottom else metric_sql(top, metrics),
            'needs': meta.needs or measures_in(name, metrics),
            'periods': meta.periods or ['all', 'month', 'day'],
            'dimensions': ['total', 'channel', 'country', 'campaign', 'cohort', 'segment'] | reject('in', not_by) | list,
            'not_by': not_by,
        }) -%}
    {%- endfor -%}
    {{ return(kpis) }}
{% endmacro %}

{# A metric over the columns of a cell; a quotient without a denominator is null. #}
{% macro metric_sql(name, metrics) %}
    {%- set metric = metrics[name] -%}
    {%- set params = metric.type_params -%}
    {%- if metric.type == 'simple' -%}
        {{ return(params.measure) }}
    {%- elif metric.type == 'ratio' -%}
        {{ return(ratio(metric_sql(params.numerator, metrics), metric_sql(params.denominator, metrics))) }}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for word in modules.re.split('([a-z_]+)', params.expr) -%}
        {%- do parts.append(metric_sql(word, metrics) if word in metrics else word) -%}
    {%- endfor -%}
    {{ return(parts | join) }}
{% endmacro %}

{# The measures that a metric is made of, those of the numerator first. #}
{% macro measures_in(name, metrics) %}
    {%- set params = metrics[name].type_params -%}
    {%- if params.measure -%}
        {{ return([params.measure]) }}
    {%- endif -%}
    {%- set of_ratio = [params.numerator, params.denominator] -%}
    {%- set parts = of_ratio if params.numerator else params.metrics | map(attribute='name') -%}
    {%- set found = [] -%}
    {%- for part in parts -%}
        {%- for measure in measures_in(part, metrics) if measure not in found -%}
            {%- do found.append(measure) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# Measure → why it is null: what the shop lacks as a whole, else what is missing in the cell. #}
{% macro reasons_of_measures() %}
    {%- set reasons = {} -%}
    {%- for name, measure in var('key_figures').measures.items() -%}
        {%- set lacks = measure.entity and not var('entities').get(measure.entity) -%}
        {%- do reasons.update({name: 'the shop has no source of ' ~ measure.entity if lacks else measure.reason}) -%}
    {%- endfor -%}
    {{ return(reasons) }}
{% endmacro %}

{% macro as_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
