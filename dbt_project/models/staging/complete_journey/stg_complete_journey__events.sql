{{ buy_event_from_line(ref('stg_complete_journey__order_lines')) }}
