"""A small slice of every declared shop, so that tests share real data that build within seconds.

In: a shop's name. Out: its declaration cut to the slice, and where its raw files lie (None: no folder needed).
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from shops import declaration

REAL = Path(__file__).resolve().parents[2] / "shared" / "data"

# name: first day, day after the last, tables left out because they are large and nothing here reads them
SLICES = {
    "demo_shop": (date(2025, 1, 1), date(2025, 3, 1), ()),
    "complete_journey": (date(2017, 1, 1), date(2017, 2, 15), ("promotions", "coupons")),
    "online_retail": (date(2010, 12, 1), date(2011, 1, 15), ()),
    "jdata": (date(2016, 1, 31), date(2016, 4, 2), ()),
    "taobao": (date(2017, 11, 25), date(2017, 12, 4), ()),
    "olist": (date(2017, 1, 1), date(2017, 7, 1), ("marketing_qualified_leads", "closed_deals")),
    "files": (date(2024, 1, 1), date(2024, 2, 1), ()),
}

BARE = declaration.Shop(
    name="bare",
    title="A shop without sources",
    timezone="UTC",
    reporting_currency="EUR",
    history_from=date(2020, 1, 1),
    behaviours=("view", "buy"),
    sources=(),
)


def sliced(name: str) -> tuple[declaration.Shop, date, date, tuple[str, ...]]:
    """The shop as declared but for the slice, one training date and, where it is generated, its size."""
    shop = declaration.load(name)
    start, end, left_out = SLICES[name]
    windows = replace(shop.windows, training_dates=1)
    sources = shop.sources
    if name == "demo_shop":
        small = {"users": 150, "items": 60}
        sources = tuple(
            replace(s, parameters={**s.parameters, **small}) if s.kind == "demo_shop" else s for s in sources
        )
    return replace(shop, as_of=end, windows=windows, sources=sources), start, end, left_out


def raw_folder(name: str, scratch: Path) -> Path | None:
    """Where the shop's raw files lie. Raises FileNotFoundError when the real data are not on this machine."""
    if name in ("demo_shop", "complete_journey"):
        return None
    if name == "files":
        return write_own_files(scratch)
    folder = REAL / name
    if not folder.is_dir():
        raise FileNotFoundError(f"real data of {name} not found at {folder}")
    return folder


NAMED = ("ida.lindqvist@mail.example", "+46 70 123 45 67", "Ida Lindqvist")  # address, number and name of user u3


def write_own_files(folder: Path) -> Path:
    """Six users, five items, a month, two currencies, in the canonical layout. One user can be told by name."""
    folder.mkdir(parents=True, exist_ok=True)
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(31)]
    events, orders, lines, rates = [], [], [], []
    for n, day in enumerate(days):
        rates.append(f"{day},USD,0.9{n % 10}")
        for user in range(6):
            item, at = f"i{(n * user) % 5}", f"{day} {8 + user}:15:00"
            currency = "USD" if user % 2 else "EUR"
            events += [f"e{n}-{user}-{b},u{user},{item},{b},{at}" for b in ("view", "cart")]
            if (n + user) % 4 == 0:
                events.append(f"e{n}-{user}-buy,u{user},{item},buy,{at}")
                orders.append(f"o{n}-{user},u{user},{at},completed,{currency},{10 + n}.50,1.00")
                lines.append(
                    f"l{n}-{user},o{n}-{user},u{user},{item},{at},sale,2,{(10.5 + n) / 2},{10 + n}.50,1.00,{currency}"
                )
    _write(folder / "events.csv", "event_id,user_id,item_id,behaviour,event_ts", events)
    _write(folder / "orders.csv", "order_id,user_id,order_ts,status,currency,amount,discount_amount", orders)
    head = "line_id,order_id,user_id,item_id,order_ts,line_type,quantity,unit_price,amount,discount_amount,currency"
    _write(folder / "order_lines.csv", head, lines)
    _write(folder / "items.csv", "item_id,item_name,category", [f"i{n},Item {n},c{n % 2}" for n in range(5)])
    _write(folder / "fx_rates.csv", "rate_date,currency,rate", rates)
    users = [f"u{user},,,,DE" for user in range(6)]
    users[3] = f"u3,{','.join(NAMED)},DE"
    _write(folder / "users.csv", "user_id,email,phone,user_name,country", users)
    return folder


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
