{%- set columns = [
    'feedback_id', 'user_id', 'feedback_ts', 'feedback_date', 'channel', 'topic', 'satisfaction_score',
    'recommend_score', 'feedback_text', 'arrival_date', 'source',
] -%}

with

delivered as (

    select *, cast(null as string) as exclusion_reason
    from {{ ref('int_feedback_unioned') }}
    where feedback_id is not null

),

{{ first_delivered('feedback_id', 'feedback_date', columns) }}

select {{ columns | join(', ') }} from first_delivered
