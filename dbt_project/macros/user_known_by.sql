{# The canonical user columns of a source that knows little: those given (column: expression), null for the others. #}
{% macro user_known_by(relation, source_name, known) %}
    select
        user_id,
        {%- for column, type in {
            'registered_date': 'date', 'gender': 'string', 'age_band': 'string', 'country': 'string',
            'region': 'string', 'city': 'string', 'postal_prefix': 'string', 'latitude': 'double',
            'longitude': 'double', 'income_band': 'string', 'household_size': 'string',
            'acquisition_channel': 'string', 'acquisition_campaign_id': 'string', 'consent_email': 'boolean',
            'consent_push': 'boolean', 'consent_social': 'boolean', 'user_timezone': 'string',
        }.items() %}
        cast({{ known.get(column, 'null') }} as {{ type }}) as {{ column }},
        {%- endfor %}
        arrival_date,
        '{{ source_name }}' as source
    from {{ relation }}
{% endmacro %}
