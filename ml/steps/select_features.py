"""SVM-RFE over the 51 behaviour features (Eq. 1-4): the whole history of the elimination."""

from datetime import date

from ml.prediction import feature_selection
from ml.prediction.labelled_moments import NOT_FEATURES, labelled_moments
from ml.steps.record import note_refusal, save, unless_refused
from shops.declaration import Shop
from warehouse.engine import open_warehouse

FEATURE_SELECTION = {
    "as_of": "date",
    "selection_round": "bigint",
    "feature": "varchar",
    "weight": "double",
    "is_eliminated": "boolean",
    "elimination_rank": "bigint",
    "round_score": "double",
    "is_selected": "boolean",
    "is_in_seed": "boolean",
}


def run(shop: Shop, as_of: date) -> dict:
    """Rank the features and keep the rounds; returns the overlap with the seed's eleven."""
    with open_warehouse(shop.name) as connection:
        frame = labelled_moments(connection, shop, as_of, with_orders=False)
    features = [column for column in frame.columns if column not in NOT_FEATURES]
    history, refused = unless_refused(lambda: feature_selection.select_features(frame, features))
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.feature_selection", FEATURE_SELECTION, history, as_of)
        note_refusal(connection, as_of, "ml.feature_selection", refused)
    return {"refused": refused} if refused else feature_selection.overlap_with_seed(history)
