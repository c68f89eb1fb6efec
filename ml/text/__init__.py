"""What customers write: language, clauses, aspect, sentiment, topics."""
