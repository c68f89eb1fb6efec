"""`precision docs`: where the dbt docs of the served version are."""

from commands.terminal import ShopOption, out


def docs(shop: ShopOption = "demo_shop") -> None:
    """The dbt docs of what is served, as one page: every table and column, lineage from source to KPI."""
    from warehouse import dbt_docs

    out.print(f"Open in a browser: {dbt_docs.served(shop)}", soft_wrap=True)
