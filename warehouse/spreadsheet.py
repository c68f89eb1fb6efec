"""Tables as CSV that a spreadsheet can open safely.

In: rows. Out: text. A cell that begins like a formula gets an apostrophe in front (OWASP, CSV injection), because names
and texts come from customers; numbers stay numbers.
"""

import csv
import io
from numbers import Number

FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def cell(value: object) -> str:
    """One value as text: missing is empty, a text that begins like a formula is escaped."""
    if value is None or value != value:  # NaN and NaT differ from themselves
        return ""
    text = str(value)
    if isinstance(value, Number) and not isinstance(value, bool):
        return text
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def as_csv(frame) -> str:
    """A pandas frame as CSV with a header, rows in their order.

    Lines end as RFC 4180 has it: Python leaves a lone carriage return unquoted otherwise, and it would begin a row.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(cell(name) for name in frame.columns)
    whole = frame.astype(object).where(frame.notna(), None)
    writer.writerows([cell(value) for value in row] for row in whole.itertuples(index=False, name=None))
    return text.getvalue()
