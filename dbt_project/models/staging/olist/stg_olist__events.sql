{{ buy_event_from_line(ref('stg_olist__order_lines')) }}
