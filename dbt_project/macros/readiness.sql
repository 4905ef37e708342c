{#- The waiting_share above which what a feed brought is not to be relied on. -#}
{% macro much_waits() -%} 0.05 {%- endmacro %}
