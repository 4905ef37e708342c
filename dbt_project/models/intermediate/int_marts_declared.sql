select mart, title_en, title_zh
from
    (
        values
            (null::varchar, null::varchar, null::varchar)
            {%- for node in declared_models() if node.schema == "marts" %}
                {%- set title = node.config.meta.get("title", {}) -%},
                (
                    {{ literal(node.name) }},
                    {{ literal(title.get("en", node.name | replace("_", " ") | capitalize)) }},
                    {{ literal(title.get("zh")) }}
                )
            {%- endfor %}
    ) as marts(mart, title_en, title_zh)
where mart is not null
