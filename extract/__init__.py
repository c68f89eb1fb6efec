"""From a source to typed, dated Parquet."""
