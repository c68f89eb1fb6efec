{{ first_delivered_of(ref('int_feedback_unioned'), 'feedback_id', 'feedback_date') }}
