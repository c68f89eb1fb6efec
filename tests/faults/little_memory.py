"""Sort more than fits into a hundred megabytes, on a disk with so many bytes free: a program for a child process.

In: the free bytes; the warehouse `tiny` of PRECISION_HOME. Out: as JSON the error, if any, how many bytes were seen
spilled below the shop's folder, and how far memory grew (KB). Everything else is as the engine has it.
"""

import json
import resource
import shutil
import sys
import threading

import duckdb

from warehouse import engine, paths

ROWS = 6_000_000  # of three numbers: some 150 MB, and the sort needs more
SORTED = f"""
    select sum(place) from (
        select row_number() over (order by h, g) as place, n
        from (select hash(range) as h, hash(range + 1) as g, range as n from range({ROWS}))
    )
    where n % 2 = 0
"""


def main(free: int) -> None:
    usage = shutil.disk_usage
    shutil.disk_usage = lambda path: usage(path)._replace(free=free)
    engine.MEMORY_LIMIT = "100MB"
    spill, seen, done, failed = paths.of("tiny").root / "spill", [0], threading.Event(), ""

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(sum(path.stat().st_size for path in spill.glob("*")))

    with engine.open_warehouse("tiny") as connection:
        connection.execute("set threads = 1")
        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        watcher = threading.Thread(target=watch)
        watcher.start()
        connection.execute("begin")
        connection.execute("delete from marts.dim_item")
        try:
            connection.execute(SORTED).fetchall()
        except duckdb.OutOfMemoryException as error:
            failed = str(error)
        done.set()
        watcher.join()
        connection.execute("rollback")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
    print(json.dumps({"failed": failed, "spilled": max(seen), "grown_kb": grown}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
