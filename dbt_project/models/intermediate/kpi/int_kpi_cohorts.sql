select distinct as_of, user_id, cohort
from {{ ref('int_kpi_orders') }}
where cohort is not null
