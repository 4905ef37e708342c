with recursive
    links as (select * from {{ ref("int_models_linked") }}),

    walked as (
        select name as mart, reads, kind
        from links
        where layer = 'marts'
        -- what was reached on one way is not walked again on another
        union
        select walked.mart, links.reads, links.kind
        from walked
        inner join links on links.model = walked.reads
    )

select distinct mart, kind
from walked
where kind is not null
