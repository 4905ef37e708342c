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

    -- a correction replaces the figure; it makes nobody late who had reported in time
    first_reports as (
        select
            {{ department_of("_feed") }} as department,
            measure_id,
            {{ month_of("period_date") }} as month,
            arg_min(reported_date, (_loaded_at, reported_date)) as first_reported_date
        from {{ source("records", "plan_measure") }}
        where _op <> 'D'
        group by all
    ),

    months as (
        select
            periods.department,
            periods.measure_id,
            periods.period_kind,
            periods.start_date,
            periods.end_date,
            periods.accrual,
            entries.month,
            entries.entry,
            first_reports.first_reported_date,
            -- a level is what it was in the last month; a sum needs all of its months
            periods.accrual <> 'level' or entries.month = {{ month_of("periods.end_date") }} as is_told_by
        from periods
        inner join entries using (department, measure_id)
        left join first_reports using (department, measure_id, month)
        where entries.month between periods.start_date and periods.end_date
    ),

    entered as (
        select
            department,
            measure_id,
            period_kind,
            start_date,
            case
                when accrual = 'level'
                then max(entry.value) filter (is_told_by)
                when count(*) = date_diff('month', start_date, end_date) + 1
                -- in one order, so that the same months never give another last digit, and with it a
                -- restatement
                then list_sum(list(entry.value order by month))
            end as entered,
            max(entry.reported_date) filter (is_told_by) as reported_date,
            max(first_reported_date) filter (is_told_by) as first_reported_date,
            count(*) as reported_month_count
        from months
        group by department, measure_id, period_kind, start_date, end_date, accrual
    ),

    days as (
        select
            feed,
            day,
            received as received_count,
            set_aside - set_aside_replayed as waiting_count,
            set_aside_open + set_aside_lost as unmended_count
        from {{ ref("data_quality_daily") }}
        where received > 0
    ),

    days_judged as (
        select feed, day, coalesce({{ metric("waiting_share") }}, 0) <= {{ much_waits() }} as is_good
        from days
    ),

    accepted_days as (
        select distinct feed, {{ local_date("fetched_at") }} as day
        from {{ source("ops", "delivery") }}
        where verdict = 'accepted' and replays is null
    ),

    good_days as (
        select
            feed,
            max(day) filter (coalesce(is_good, true)) as last_good_date,
            coalesce(arg_max(is_good, day), true) as is_good_now
        from accepted_days
        left join days_judged using (feed, day)
        group by feed
    ),

    -- a feed can tell of a period when it came after the period's end, or when all is well with it
    feeds as (
        select
            judged.feed,
            judged.department,
            judged.contract,
            not judged.is_missing
            and not judged.is_refused
            and judged.last_arrived_date is not null
            and coalesce(good_days.is_good_now, true) as is_well,
            good_days.last_good_date
        from {{ ref("int_feeds_judged") }} as judged
        left join good_days using (feed)
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

    -- periods of which much was set aside and never came in, however well the feed is since
    spoilt_feeds as (
        select period_kind, start_date, feed
        from
            (
                select
                    period_kind,
                    start_date,
                    feed,
                    sum(received_count) as received_count,
                    sum(unmended_count) as waiting_count
                from (select distinct period_kind, start_date, end_date from periods) as spans
                inner join days on days.day between spans.start_date and spans.end_date
                group by period_kind, start_date, feed
            ) as summed
        where {{ metric("waiting_share") }} > {{ much_waits() }}
    ),

    spoilt as (
        select distinct known_metrics.metric_id, period_kind, start_date
        from spoilt_feeds
        inner join feeds using (feed)
        inner join {{ ref("int_marts_traced") }} as traced on traced.kind = feeds.contract
        inner join known_metrics using (mart)
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
    entered.first_reported_date,
    coalesce(entered.reported_month_count, 0) as reported_month_count,
    periods.metric_id is null or known_metrics.metric_id is not null as is_known,
    -- a figure entered by hand stands; that none was entered can only be said while the feed is well
    case
        when periods.metric_id is null
        then entered.entered is not null or coalesce(hand_fed.is_well, false)
        else
            coalesce(
                traced.feed_count > 0
                and (traced.is_well or traced.last_good_date > periods.end_date)
                and spoilt.metric_id is null,
                false
            )
    end as is_ready,
    periods.metric_id is null or coalesce(known_metrics.first_date <= periods.start_date, false) as is_covered
from periods
left join entered using (department, measure_id, period_kind, start_date)
left join metrics using (metric_id, period_kind, start_date)
left join known_metrics on known_metrics.metric_id = periods.metric_id
left join traced on traced.metric_id = periods.metric_id
left join spoilt using (metric_id, period_kind, start_date)
left join hand_fed on hand_fed.department = periods.department
