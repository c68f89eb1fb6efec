"""`precision docs`: the page of the version served, without building anything."""

from warehouse import dbt, paths


def test_the_page_of_the_served_version_is_opened(call, versions, monkeypatch):
    from shops import declaration
    from tests.activation import tiny_plan

    monkeypatch.setattr(declaration, "load", {"tiny": tiny_plan.shop()}.__getitem__)
    made = paths.of("tiny").dbt / "index.html"
    monkeypatch.setattr(dbt, "docs", lambda shop: made)
    assert str(made) in call("docs", "--shop", "tiny").stdout  # published without one
    page = paths.of("tiny").published / versions[1] / "dbt_docs.html"
    page.write_text("<html></html>")
    assert str(page) in call("docs", "--shop", "tiny").stdout
