{{ buy_event_from_line(ref('stg_online_retail__order_lines')) }}
