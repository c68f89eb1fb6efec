-- L Table 8: the correlation matrix, lower triangle with stars; a column per dimension that the shop declares.
select
    variable
    {%- for dimension in survey_dimensions() -%},
    max(case
        when other_variable = '{{ dimension }}' and other_position <= position
            then concat(cast(cast(r as decimal(4, 3)) as varchar(8)), stars)
    end) as {{ adapter.quote(dimension) }}
    {%- endfor %}
from {{ ref('mart_survey_correlation') }}
where as_of = date '{{ var('as_of') }}' and is_default and level = 'dimension' and other_level = 'dimension'
group by position, variable
order by position
