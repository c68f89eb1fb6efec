"""The learning steps of the `marketing` DAG, one file each with three rooms: load from the warehouse, process, save.

In: the shop and the moment (`run(shop, as_of)`). Out: rows of that moment in the step's tables of the schema `ml`,
replaced whole, so that a re-run changes nothing. What a method refuses (no rows, one class) leaves the moment without
rows and says why in the log and in `mart_data_quality`.
"""

# Modules of this package in the order in which they run: each may read what those before it wrote.
ORDER = (
    "select_features",
    "train_propensity",
    "segment_customers",
    "mine_associations",
    "recommend_items",
    "read_text",
    "value_customers",
    "map_places",
    "analyse_survey",
    "measure_influence",
    "judge_experiments",
    "compare_before_after",
    "attribute_orders",
    "estimate_response",
)
