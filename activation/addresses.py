"""Where a customer can be reached, asked of the raw data at the moment of sending and kept nowhere else.

In: a channel's declaration (`address: {source, table, user, column}`), landed Parquet and, where landing replaced them,
the vault of what pseudonyms stand for. Out: {customer: address} and {customer: the shop's own id} in memory. Of several
landed rows the newest counts, also when it has no address any more: it was taken back.
"""

from collections.abc import Iterable

import duckdb

from privacy import vault
from privacy.pseudonym import replaces_customers
from shops.declaration import Channel, Shop, ShopError
from warehouse import paths
from warehouse.engine import MEMORY_LIMIT, quote

NEWEST = """
    select user_id, address
    from (
        select
            {user} as user_id, cast({column} as varchar) as address,
            row_number() over (partition by {user} order by ds desc, file_row_number desc) as age
        from read_parquet(?, hive_partitioning = true, hive_types = {{'ds': date}}, file_row_number = true)
        where {user} in (select unnest(?))
    )
    where age = 1 and nullif(trim(address), '') is not null
    order by user_id
"""


def addresses(shop: Shop, channel_name: str, user_ids: Iterable[str]) -> dict[str, str]:
    """{customer: address} of those who have one. Empty where the channel declares none or its table has not landed.

    Raises ShopError where the declaration names a table or a column that the shop does not have.
    """
    channel: Channel = shop.activation.channels[channel_name]
    wanted = sorted(set(user_ids))
    if not channel.address or not wanted:
        return {}
    source, table, user, column = (channel.address[name] for name in ("source", "table", "user", "column"))
    declared = [t for s in shop.sources if s.name == source for t in s.tables if t.name == table]
    if not declared or not {user, column} <= set(declared[0].columns):
        raise ShopError(
            f"shops/{shop.name}.yml: activation/channels/{channel_name}/address names {source}.{table} with {user} and "
            f"{column}; the shop declares no such table or columns"
        )
    parts = paths.of(shop.name).landing / source / table
    if not any(parts.glob("ds=*/part.parquet")):
        return {}
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": "1"}) as connection:
        query = NEWEST.format(user=quote(user), column=quote(column))
        found = connection.execute(query, [str(parts / "ds=*" / "part.parquet"), wanted]).fetchall()
    if column in shop.personal.columns:
        known = vault.values(shop, (address for _, address in found))
        found = [(user_id, known[address]) for user_id, address in found if address in known]
    return {user_id: address.strip() for user_id, address in found}


def own_ids(shop: Shop, user_ids: Iterable[str]) -> dict[str, str]:
    """{customer as in the marts: as the shop itself writes the id}, of those whose own id is still kept."""
    return vault.values(shop, user_ids) if replaces_customers(shop) else {user: user for user in user_ids}
