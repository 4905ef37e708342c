{#- Records that no area is known for are counted under this code, never dropped. -#}
{% macro placed(area_code) -%} coalesce({{ area_code }}, 'unplaced') {%- endmacro %}


{#- The department that sent a record: feed ids are `<department>__<feed>`. -#}
{% macro department_of(feed) -%} split_part({{ feed }}, '__', 1) {%- endmacro %}
