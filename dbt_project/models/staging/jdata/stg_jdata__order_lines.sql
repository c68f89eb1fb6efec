{{ line_from_buy_event(ref('stg_jdata__events')) }}
