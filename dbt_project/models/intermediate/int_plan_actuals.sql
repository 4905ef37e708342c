with
    periods as (select * from {{ ref("int_plan_periods") }}),

    entries as (
        select
            {{ department_of("feed") }} as department,
            measure_id,
            {{ month_of("period_date") }} as month,
            arg_max(
                {'value':value, 'reported_date':reported_date}, (reported_date, _loaded_at, feed)
            ) as entry
        from {{ ref("stg_plan_measure") }}
        group by all
    ),

    entered as (
        select
            periods.department,
            periods.measure_id,
            periods.period_kind,
            periods.start_date,
            -- a level is what it was in the last month; a sum needs all of its months
            case
                when periods.accrual = 'level'
                then max(entry.value) filter (month = {{ month_of("periods.end_date") }})
                when count(*) = date_diff('month', periods.start_date, periods.end_date) + 1
                -- in one order, so that the same months never give another last digit, and with it a
                -- restatement
                then list_sum(list(entry.value order by entries.month))
            end as entered,
            max(entry.reported_date) as reported_date,
            count(*) as reported_month_count
        from periods
        inner join entries using (department, measure_id)
        where entries.month between periods.start_date and periods.end_date
        group by
            periods.department,
            periods.measure_id,
            periods.period_kind,
            periods.start_date,
            periods.end_date,
            periods.accrual
    ),

    -- a feed can tell of a period when it came after the period's end, or when all is well with it
    feeds as (
        select
            judged.feed,
            judged.department,
            judged.contract,
            not judged.is_missing
            and not judged.is_refused
            and judged.last_arrived_date is not null as is_well,
            max({{ local_date("deliveries.fetched_at") }}) as last_good_date
        from {{ ref("int_feeds_judged") }} as judged
        left join
            {{ source("ops", "delivery") }} as deliveries
            on deliveries.feed = judged.feed
            and deliveries.verdict = 'accepted'
            and deliveries.replays is null
        group by all
    ),

    metrics as (select * from {{ ref("int_plan_metrics_measured") }}),

    -- a metric is known whether it has a figure or not
    known_metrics as (
        select
            listed.metric_id,
            listed.mart,
            max(metrics.metric_unit) as metric_unit,
            min(first_date) as first_date
        from
            (
                values
                    {%- for id, one in plan_metrics().items() %}
                        ('{{ id }}', '{{ one.mart }}') {{- "," if not loop.last }}
                    {%- endfor %}
            ) as listed(metric_id, mart)
        left join metrics using (metric_id)
        group by all
    ),

    traced as (
        select
            known_metrics.metric_id,
            count(feeds.feed) as feed_count,
            bool_and(feeds.is_well) as is_well,
            min(coalesce(feeds.last_good_date, date '0001-01-01')) as last_good_date
        from known_metrics
        left join {{ ref("int_marts_traced") }} as traced using (mart)
        left join feeds on feeds.contract = traced.kind
        group by all
    ),

    hand_fed as (
        select department, bool_and(is_well) as is_well
        from feeds
        where contract = 'plan_measure'
        group by all
    )

select
    periods.department,
    periods.measure_id,
    periods.period_kind,
    periods.start_date,
    case when periods.metric_id is null then 'entered' else 'metric' end as actual_source,
    case
        when periods.metric_id is null
        then entered.entered
        when periods.unit_code = 'percent' and known_metrics.metric_unit = 'share'
        then 100 * metrics.value
        else metrics.value
    end as actual,
    entered.reported_date,
    coalesce(entered.reported_month_count, 0) as reported_month_count,
    periods.metric_id is null or known_metrics.metric_id is not null as is_known,
    -- a figure entered by hand stands; that none was entered can only be said while the feed is well
    case
        when periods.metric_id is null
        then entered.entered is not null or coalesce(hand_fed.is_well, false)
        else
            coalesce(
                traced.feed_count > 0 and (traced.is_well or traced.last_good_date > periods.end_date), false
            )
    end as is_ready,
    periods.metric_id is null or coalesce(known_metrics.first_date <= periods.start_date, false) as is_covered
from periods
left join entered using (department, measure_id, period_kind, start_date)
left join metrics using (metric_id, period_kind, start_date)
left join known_metrics on known_metrics.metric_id = periods.metric_id
left join traced on traced.metric_id = periods.metric_id
left join hand_fed on hand_fed.department = periods.department
