"""`precision explain`: one customer, every decision with its reason."""

from typing import Annotated

import typer

from commands.terminal import JsonOption, ShopOption, day, out, print_json


def explain(
    user: Annotated[str, typer.Argument(help="the customer's id, as the shop writes it or as in the marts")],
    shop: ShopOption = "demo_shop",
    as_of: Annotated[str, typer.Option(help="a moment described, YYYY-MM-DD: the newest")] = "",
    as_json: JsonOption = False,
) -> None:
    """For one customer: why this segment, this prediction, these products, this strategy, this message."""
    from activation.explain import explain as explained
    from activation.explain import in_words
    from privacy.pseudonym import asked_for
    from warehouse import published

    moment = day(as_of, "--as-of") if as_of else None
    with published.open_published(shop) as connection:
        found = explained(connection, user, moment, asked_for(shop, user))
    if as_json:
        print_json(found)
        return
    out.print(f"{found['user_id']} as of {found['as_of']}", markup=False)
    for question, lines in in_words(found):
        out.print(f"\n[bold]{question}[/bold]")
        for line in lines:
            out.print(f"  {line}", markup=False, soft_wrap=True)
