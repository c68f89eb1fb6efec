{{ order_from_buy_event(ref('stg_taobao__events')) }}
