"""Which reader serves which kind of source.

A reader is `read(connection, shop, source, table, start, end)`. It yields raw relations as SQL, one after the other
(each is used up before the next is asked for), that together hold every raw row which the interval of local days
[start, end) may need, once: the raw columns, as text or in the source's own types, and

    __file     varchar  where the row came from
    __line     bigint   its line or position there; with __file it orders the rows
    __file_day date     the day that the file's name gives, else null
    __fault    varchar  why the row could not even be split into columns, else null
    __cells    varchar  for such a row: what was there instead, as JSON
"""

from extract import activation_log, complete_journey, demo, files, http, postgres

READERS = {
    "files": files.read,
    "activation": activation_log.read,
    "postgres": postgres.read,
    "http": http.read,
    "complete_journey": complete_journey.read,
    "demo_shop": demo.read,
}
