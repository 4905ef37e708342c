{#- Records that no area is known for are counted under this code, never dropped. -#}
{% macro placed(area_code) -%} coalesce({{ area_code }}, 'unplaced') {%- endmacro %}


{#- The department that sent a record: feed ids are `<department>__<feed>`. -#}
{% macro department_of(feed) -%} split_part({{ feed }}, '__', 1) {%- endmacro %}


{#- Whether a version, which has valid_from and valid_to or blanks for ever, held on a day. -#}
{% macro holds_on(version, day) -%}
    coalesce({{ day }} >= {{ version }}.valid_from, true)
    and coalesce({{ day }} < {{ version }}.valid_to, true)
{%- endmacro %}


{#-
Whether a ray from a point towards the east crosses an edge of a border. A point lies in an area when it crosses an odd
number of them: counting over all rings at once treats holes and scattered parts alike. An edge owns its lower end only,
so that a ray through a corner crosses once.
-#}
{% macro crosses_to_the_east(point, edge) -%}
    {{ point }}.latitude >= least({{ edge }}.from_y, {{ edge }}.to_y)
    and {{ point }}.latitude < greatest({{ edge }}.from_y, {{ edge }}.to_y)
    and {{ point }}.longitude
    < {{ edge }}.from_x
    + ({{ point }}.latitude - {{ edge }}.from_y)
    * ({{ edge }}.to_x - {{ edge }}.from_x)
    / ({{ edge }}.to_y - {{ edge }}.from_y)
{%- endmacro %}


{#- The middle of one of 24 equal steps from a side of a box to the other. -#}
{% macro grid_step(start, length, step) -%}
    {{ start }} + {{ length }} * ({{ step }} + 0.5) / 24
{%- endmacro %}
