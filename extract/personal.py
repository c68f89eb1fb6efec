"""What identifies a person never lands: pseudonyms in the place of declared columns, gaps in the place of addresses.

In: the temporary table `judged` (extract/judge.py) and what the shop declares as `personal`. Out: `judged` with a
pseudonym for every value of those columns, in good rows and in the kept text of bad ones, and with e-mail addresses and
phone numbers in free text masked; and the temporary table `vault_rows` (ds, column, pseudonym, value) of what was
replaced. A row that could not be split into columns has no columns to replace: it stays as it came.

Work is done per distinct value, not per row.
"""

import pyarrow as pa

from extract.judge import quote_text
from privacy.pseudonym import key, plain, pseudonym
from shops.declaration import Shop, Source, Table
from warehouse.engine import quote

NOBODY = "unknown"  # how the project itself says that there is no customer: stays
E_MAIL = r"[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+"
# From + or 0 on seven digits or more, otherwise nine or more: so prices, dates and sizes stay, and most order numbers.
PHONE = (
    r"(^|[^\p{L}\p{N}_+])"
    r"(?:(?:\+|0)[ ]?\(?\d(?:[ ()./-]{0,3}\d){6,14}|\(?\d(?:[ ().-]{0,3}\d){8,14})"
)


def replace(connection, shop: Shop, source: Source, table: Table) -> None:
    """Replace in `judged` and make `vault_rows`. A ledger of this project (kind activation) holds pseudonyms already.

    Raises KeyLost, KeyFileError where the shop's key cannot be had.
    """
    connection.execute("""create or replace temp table vault_rows ("column" varchar, pseudonym varchar, value varchar,
        ds date)""")
    if source.kind == "activation":
        return
    replaced = [name for name in shop.personal.columns if name in table.columns]
    masked = [name for name in shop.personal.free_text if table.columns.get(name) == "string" and name not in replaced]
    if replaced:
        _make_pseudonyms(connection, shop, replaced)
        _keep_for_vault(connection, replaced)
    if replaced or masked:
        _rewrite(connection, replaced, masked)


def mask(text: str) -> str:
    """SQL for a text without its e-mail addresses and phone numbers."""
    without = f"regexp_replace({text}, {quote_text(E_MAIL)}, '[e-mail]', 'g')"
    return rf"regexp_replace({without}, {quote_text(PHONE)}, '\1[phone]', 'g')"


def _values(name: str) -> str:
    """SQL relation (ds, value) of what a column holds: typed in good rows, as it came in bad ones."""
    good = f"select __ds as ds, {quote(name)} as value from judged where __reason is null union all "
    bad = f"select __ds as ds, {_kept(name)} as value from judged where __reason is not null"
    return f"select ds, value from ({good}{bad}) where {_is_given('value')}"


def _is_given(value: str) -> str:
    return f"nullif(trim({value}), '') is not null and {value} <> {quote_text(NOBODY)}"


def _kept(name: str) -> str:
    """SQL for a field of the row kept in __raw, as text; null where there is none."""
    pointer = "/row/" + name.replace("~", "~0").replace("/", "~1")
    return f"json_extract_string(__raw, {quote_text(pointer)})"


def _make_pseudonyms(connection, shop: Shop, replaced: list[str]) -> None:
    """The temporary table `pseudonyms` (value, own: without blanks, pseudonym) of what the columns `replaced` hold."""
    held = " union all ".join(_values(name) for name in replaced)
    values = [value for (value,) in connection.execute(f"select distinct value from ({held}) order by 1").fetchall()]
    secret = key(shop)
    text = pa.string()
    made = {"value": values, "own": map(plain, values), "pseudonym": (pseudonym(secret, each) for each in values)}
    connection.register("made", pa.table({name: pa.array(list(each), text) for name, each in made.items()}))
    connection.execute("create or replace temp table pseudonyms as select * from made")
    connection.unregister("made")


def _keep_for_vault(connection, replaced: list[str]) -> None:
    for name in replaced:
        connection.execute(f"""
            insert into vault_rows
            select distinct {quote_text(name)}, made.pseudonym, made.own, held.ds
            from ({_values(name)}) as held
            inner join pseudonyms as made on held.value = made.value
        """)


def _rewrite(connection, replaced: list[str], masked: list[str]) -> None:
    """Write `judged` anew, in place of the old one."""
    joins, columns, raw = [], {}, "judged.__raw"
    for number, name in enumerate(replaced):
        good, bad = f"good_{number}", f"bad_{number}"
        joins.append(f"left join pseudonyms as {good} on judged.{quote(name)} = {good}.value")
        columns[name] = f"coalesce({good}.pseudonym, judged.{quote(name)})"
        joins.append(f"left join pseudonyms as {bad} on judged.__reason is not null and {_kept(name)} = {bad}.value")
        raw = _with_field(raw, name, f"{bad}.pseudonym")
    for name in masked:
        columns[name] = mask(f"judged.{quote(name)}")
        raw = _with_field(raw, name, f"case when judged.__reason is not null then {mask(_kept(name))} end")
    new = ", ".join(f"{expression} as {quote(name)}" for name, expression in columns.items())
    connection.execute(f"""
        create or replace temp table replaced_rows as
        select judged.* replace ({new}, {raw} as __raw)
        from judged {" ".join(joins)}
    """)
    connection.execute("drop table judged")
    connection.execute("alter table replaced_rows rename to judged")


def _with_field(raw: str, name: str, value: str) -> str:
    """SQL for the kept text `raw` with a field of its row set to `value`, unless that is null."""
    patch = f"json_object('row', json_object({quote_text(name)}, {value}))"
    return f"case when {value} is null then {raw} else cast(json_merge_patch({raw}, {patch}) as varchar) end"
