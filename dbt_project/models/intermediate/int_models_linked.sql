select model, layer, name, reads, kind
from
    (
        values
            (null::varchar, null::varchar, null::varchar, null::varchar, null::varchar)
            {%- for link in declared_links() %}
                ,
                (
                    {{ literal(link.model) }},
                    {{ literal(link.layer) }},
                    {{ literal(link.name) }},
                    {{ literal(link.reads) }},
                    {{ literal(link.kind) }}
                )
            {%- endfor %}
    ) as links(model, layer, name, reads, kind)
where model is not null
