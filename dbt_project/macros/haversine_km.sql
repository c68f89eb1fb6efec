{#
    Great-circle distance between two places in degrees, DOUBLE, km (haversine on a sphere of the Earth's mean radius;
    Sinnott 1984). Null where a coordinate is: rounding to 15 digits (less than a metre) keeps opposite places in the
    domain of asin, while `least` would make 1 of a null.
#}
{% macro haversine_km(from_latitude, from_longitude, to_latitude, to_longitude) -%}
    2 * 6371.0088 * asin(sqrt(round(
        pow(sin(radians({{ to_latitude }} - {{ from_latitude }}) / 2), 2)
        + cos(radians({{ from_latitude }})) * cos(radians({{ to_latitude }}))
        * pow(sin(radians({{ to_longitude }} - {{ from_longitude }}) / 2), 2), 15
    )))
{%- endmacro %}
