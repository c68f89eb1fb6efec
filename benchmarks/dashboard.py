"""How long until a page is there: drawn by the server, and seen in a fresh browser, for every page of a shop.

Needs a published shop (`make run SHOP=complete_journey`) and Debian's Chromium. The login is left out: it is Airflow's.
"""

import socket
import subprocess
import sys
import time
from statistics import median

from benchmarks import figures
from warehouse import paths, published

SHOP = "complete_journey"
TRIES = 5

SERVER = """
import sys
import uvicorn
from fastapi import FastAPI
from dashboard.front_door import dashboard, front_door
app = FastAPI()
app.mount("/marketing", front_door(lambda: None, "/marketing/", "/"))
dashboard("/marketing/")  # as Airflow's plugin does: made before anybody asks
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


def run() -> dict:
    """Rows of milliseconds per page; the first is what a person sees who opens the dashboard."""
    if not published.current(SHOP):
        raise FileNotFoundError(f"{SHOP} is not published: make run SHOP={SHOP}")
    drawn, seen = _drawn(), _seen()
    rows = [
        {
            "page": name,
            "drawn by the server, ms": round(1000 * drawn[name]),
            "seen, fresh browser, s": round(seen[name], 2),
        }
        for name in drawn
    ]
    figures.show(f"Pages of {SHOP}, medians of {TRIES}", rows)
    return {"shop": SHOP, "rows": rows}


def _drawn() -> dict[str, float]:
    """Seconds of the callback, second time on: the version is open."""
    from dashboard.app import draw
    from dashboard.pages import PAGES

    found = {}
    for name in PAGES:
        draw(name, f"?shop={SHOP}")
        found[name] = median(_seconds(lambda name=name: draw(name, f"?shop={SHOP}")) for _ in range(TRIES))
    return found


def _seen() -> dict[str, float]:
    """Seconds from an empty browser until the page and, where it has one, its first chart are there."""
    from playwright.sync_api import sync_playwright

    from dashboard.pages import PAGES

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], cwd=paths.REPOSITORY)
    try:
        answers(port)
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
            arguments += ["--disable-background-networking", "--disable-component-update"]
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
            found = {}
            for name in PAGES:
                tries = []
                for _ in range(TRIES):
                    context = browser.new_context(viewport={"width": 1280, "height": 900})
                    page = context.new_page()
                    tries.append(_seconds(lambda page=page, name=name: _open(page, port, name)))
                    context.close()
                found[name] = median(tries)
            return found
    finally:
        server.terminate()
        server.wait()


def _open(page, port: int, name: str) -> None:
    page.goto(f"http://127.0.0.1:{port}/marketing/{name}?shop={SHOP}")
    page.wait_for_selector("[data-version]")
    if page.query_selector("#page .graph"):
        page.wait_for_selector("#page .graph .main-svg")
    if page.query_selector("#page .trend-line"):
        page.wait_for_selector("#page .trend-line path.recharts-line-curve")


def answers(port: int) -> None:
    """Wait until the server listens. Raises TimeoutError after three minutes."""
    for _ in range(900):
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError("the server of the dashboard did not start within three minutes")


def _seconds(what) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
