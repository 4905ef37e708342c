{#-
Sunrise and sunset after the general solar position calculations of NOAA's Global Monitoring Laboratory
(gml.noaa.gov/grad/solcalc/solareqns.PDF): good to about a minute between the polar circles. The sun has set when its upper
edge, lifted by refraction, is below the horizon: 90.833 degrees from overhead. `season` is the angle that solar_season gives.
-#}
{% macro solar_season(day) -%} (2 * pi() / 365 * (dayofyear({{ day }}) - 1)) {%- endmacro %}


{#- Minutes by which a sundial is ahead of the clock. -#}
{% macro sundial_minutes(season) -%}
    (
        229.18 * (
            0.000075
            + 0.001868 * cos({{ season }})
            - 0.032077 * sin({{ season }})
            - 0.014615 * cos(2 * {{ season }})
            - 0.040849 * sin(2 * {{ season }})
        )
    )
{%- endmacro %}


{#- How far north of the equator the sun stands overhead, as an angle. -#}
{% macro declination(season) -%}
    (
        0.006918
        - 0.399912 * cos({{ season }})
        + 0.070257 * sin({{ season }})
        - 0.006758 * cos(2 * {{ season }})
        + 0.000907 * sin(2 * {{ season }})
        - 0.002697 * cos(3 * {{ season }})
        + 0.00148 * sin(3 * {{ season }})
    )
{%- endmacro %}


{#- Minutes from noon to sunset; blank where the sun neither rises nor sets that day. -#}
{% macro half_day_minutes(latitude, declination) -%}
    case
        when
            abs(
                cos(radians(90.833)) / (cos(radians({{ latitude }})) * cos({{ declination }}))
                - tan(radians({{ latitude }})) * tan({{ declination }})
            )
            <= 1
        then
            4 * degrees(
                acos(
                    cos(radians(90.833)) / (cos(radians({{ latitude }})) * cos({{ declination }}))
                    - tan(radians({{ latitude }})) * tan({{ declination }})
                )
            )
    end
{%- endmacro %}


{#- The instant so many minutes after true noon of a local day at a longitude. -#}
{% macro after_noon(day, longitude, sundial_minutes, minutes) -%}
    (
        cast({{ day }} as timestamp) at time zone 'UTC' + to_seconds(
            cast(round(60 * (720 - 4 * {{ longitude }} - {{ sundial_minutes }} + {{ minutes }})) as bigint)
        )
    )
{%- endmacro %}
