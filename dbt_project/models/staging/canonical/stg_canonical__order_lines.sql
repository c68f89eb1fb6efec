with

lines as (

    {{ canonical_rows('order_lines') }}

)

{%- if 'canonical' in var('entities').get('orders', []) %},

cancelled as (select distinct order_id from {{ ref('stg_canonical__orders') }} where status = 'cancelled')

select
    {% for column in model.columns if column != 'exclusion_reason' -%}
    lines.{{ column }},
    {% endfor -%}
    case when cancelled.order_id is not null then 'order cancelled' end as exclusion_reason
from lines
left join cancelled on lines.order_id = cancelled.order_id
{%- else %}

select * from lines
{%- endif %}
