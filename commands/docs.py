"""`precision docs`: where the dbt docs of a shop are."""

from commands.terminal import ShopOption, out


def docs(shop: ShopOption = "demo_shop") -> None:
    """The dbt docs of a shop that has been run, as one page: every table and column, lineage from source to KPI."""
    from shops.declaration import load
    from warehouse import published

    declared = load(shop)
    version = published.current(shop)
    page = published.version_folder(shop, version) / "dbt_docs.html" if version else None
    if not (page and page.is_file()):  # published without: made from the working database
        from warehouse import dbt

        page = dbt.docs(declared)
    out.print(f"Open in a browser: {page}", soft_wrap=True)
