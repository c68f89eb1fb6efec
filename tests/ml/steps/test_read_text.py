"""The text step: finds what was planted, reads every document once, forgets those that are gone."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from extract.demo_shop import DemoShop
from extract.demo_shop.truth import SPEAKING, clause_frame
from extract.demo_shop.world import world
from ml.steps import read_text
from shops import declaration
from tests.ml.text.test_analysis import f1_by_class, polarity_by_aspect
from warehouse.engine import open_warehouse

NO_TOPICS = {"topics": {"least_documents": 10**9}}  # they take most of the time and are tested on their own
CLAUSES = "select * from ml.text_clause order by source_table, document_id, clause_number"


def table(shop, query: str = CLAUSES) -> pd.DataFrame:
    with open_warehouse(shop.name) as connection:
        return connection.execute(query).df()


def change(shop, statement: str) -> None:
    with open_warehouse(shop.name) as connection:
        connection.execute(statement)


def test_planted_aspects_and_polarities_are_found(whole_demo_shop):
    shop = replace(whole_demo_shop, ml=NO_TOPICS)
    read_text.run(shop, shop.as_of)
    clauses = table(shop)
    made = world(DemoShop(seed=7))
    truth = pd.concat([clause_frame(made, name) for name in SPEAKING])
    truth = truth[truth["text_id"].isin(clauses["document_id"])]
    planted = {(row.text_id, row.aspect): row.polarity for row in truth.itertuples()}
    by_class = f1_by_class(polarity_by_aspect(clauses), planted)
    assert len(by_class) == 9 and len(planted) > 15_000
    assert sum(by_class.values()) / 9 > 0.8 and min(by_class.values()) > 0.7, by_class
    told = truth.drop_duplicates("text_id").set_index("text_id")["language"]
    found = clauses.drop_duplicates("document_id").set_index("document_id")["language"]
    assert (found.reindex(told.index) == told).mean() > 0.99


def test_a_document_is_read_once_and_again_when_the_analyser_changes(whole_demo_shop):
    shop = replace(whole_demo_shop, ml=NO_TOPICS)
    read_text.run(shop, shop.as_of)
    first = table(shop)
    again = read_text.run(shop, shop.as_of)
    assert again["documents_read"] == 0
    pd.testing.assert_frame_equal(table(shop), first)
    other = replace(shop, ml={**NO_TOPICS, "text": {"positive_from": 0.5, "negative_to": -0.5}})
    assert (
        read_text.run(other, shop.as_of)["documents_read"]
        == first.groupby("source_table")["document_id"].nunique().sum()
    )
    assert (table(shop)["sentiment"] == "neutral").sum() > (first["sentiment"] == "neutral").sum()
    read_text.run(shop, shop.as_of)
    pd.testing.assert_frame_equal(table(shop), first)


def test_an_older_moment_loses_nothing_and_what_is_gone_or_changed_leaves(whole_demo_shop):
    shop = replace(whole_demo_shop, ml=NO_TOPICS)
    read_text.run(shop, shop.as_of)
    first = table(shop)
    change(
        shop,
        "insert into ml.text_clause select * replace ('ghost' as document_id) from ml.text_clause limit 1; "
        "update ml.text_clause set fingerprint = 'other text' where document_id = 'f1000000000'",
    )
    older = read_text.run(shop, shop.as_of - timedelta(days=200))
    assert older["documents_read"] == 1
    pd.testing.assert_frame_equal(table(shop), first)


def test_topics_keep_their_numbers_from_moment_to_moment_and_a_rerun_changes_nothing(whole_demo_shop):
    shop = whole_demo_shop
    earlier = shop.as_of - timedelta(days=30)
    change(shop, "create table if not exists ml.feedback_topic (as_of date); drop table ml.feedback_topic")
    read_text.run(shop, earlier)
    read_text.run(shop, shop.as_of)
    topics = "select * from ml.feedback_topic order by as_of, language, topic_id"
    found = table(shop, topics)
    assert set(found["language"]) == {"en", "de", "pt"} and (found["topic_id"] > 0).all()
    now = found[found["as_of"] == pd.Timestamp(shop.as_of)]
    before = found[found["as_of"] == pd.Timestamp(earlier)].set_index(["language", "topic_id"])["label"]
    kept = now[now["similarity"].notna()]
    assert len(kept) >= 0.6 * len(now)
    assert (before.reindex(pd.MultiIndex.from_frame(kept[["language", "topic_id"]])).to_numpy() == kept["label"]).all()
    read_text.run(shop, shop.as_of)
    pd.testing.assert_frame_equal(table(shop, topics), found)


def test_stars_of_real_portuguese_reviews_go_with_their_words(built_shop):
    shop = built_shop("olist")
    read_text.run(shop, shop.as_of)
    scored = table(
        shop,
        "select rating, avg(sentiment_score) as score from ml.text_clause "
        "join intermediate.int_reviews_accepted on document_id = review_id "
        "where review_text is not null group by review_id, rating",
    )
    assert len(scored) > 100
    assert scored[["rating", "score"]].astype(float).corr("spearman").iloc[0, 1] > 0.5


@pytest.mark.parametrize("name", ["complete_journey"])
def test_a_shop_without_any_text_says_so(built_shop, name):
    shop = built_shop(name)
    done = read_text.run(shop, shop.as_of or date(2017, 2, 15))
    assert done["clauses"] == 0
    assert table(shop).empty and table(shop, "from ml.feedback_topic").empty
    noted = table(shop, "select dataset, status, observed from ops.data_quality where stage = 'learning'")
    said = noted[noted["dataset"].isin(["ml.text_clause", "ml.feedback_topic"])]
    assert (said["status"] == "failed").all() and len(said) == 2
    assert said["observed"].str.startswith("no reviews, feedback or social_posts").all()


def test_unknown_parameters_are_refused():
    shop = replace(declaration.load("demo_shop"), ml={"text": {"langauges": ["en"]}})
    with pytest.raises(declaration.ShopError, match="langauges"):
        read_text.run(shop, shop.as_of)
