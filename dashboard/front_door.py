"""The one way in: dashboard, downloads, dbt docs and quality report behind a login.

In: the check of the login, which Airflow's plugin gives (dashboard/plugin). Out: a FastAPI application in which every
path, also one that does not exist, asks for the login first. Nothing here writes.
"""

from functools import cache
from pathlib import Path
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "private, no-store",
}
# Pages of one file carry their scripts inside; nothing may be loaded from, or sent to, another host.
DOCUMENT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; connect-src 'self' data: blob:; worker-src blob:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


def front_door(login, prefix: str, login_page: str) -> FastAPI:
    """The application to be mounted at `prefix`, which ends with a slash.

    login: a dependency that raises HTTPException 401 or 403. login_page: where a browser without a login is sent.
    """
    door = FastAPI(title="Marketing", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(login)])

    @door.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 401 and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"{login_page}?next={quote(str(request.url), safe='')}", 303)
        return PlainTextResponse(str(error.detail), error.status_code, HEADERS)

    @door.get("/dbt_docs")
    def dbt_docs(shop: str = "", version: str = "") -> Response:
        from warehouse.dbt_docs import served

        return _document(served, shop, version)

    @door.get("/data_quality_report")
    def data_quality_report(shop: str = "", version: str = "") -> Response:
        return _document(_quality_report, shop, version)

    @door.get("/csv/{page}/{table}")
    def csv(page: str, table: str, request: Request) -> Response:
        from dashboard.downloads import NoSuchTable, download
        from warehouse.published import NotPublished, PublishedDamaged

        try:
            name, text = download(page, table, request.url.query)
        except (NoSuchTable, NotPublished, PublishedDamaged) as error:
            raise HTTPException(404, str(error)) from None
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    @door.api_route("/{path:path}", methods=METHODS)
    async def pages(path: str) -> Response:
        return _Forward(await run_in_threadpool(dashboard, prefix))

    return door


@cache
def dashboard(prefix: str):
    """The Dash application as ASGI, made once per process, at the first request or when the server warms up."""
    from a2wsgi import WSGIMiddleware

    from dashboard.app import create

    app = create(prefix)
    scripts = " ".join(app.csp_hashes())
    policy = (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
    )

    @app.server.after_request
    def secure(response):
        response.headers["Content-Security-Policy"] = policy
        for name, value in HEADERS.items():
            if not (name == "Cache-Control" and "_dash-component-suites" in _path()):
                response.headers[name] = value
        return response

    def _path() -> str:
        from flask import request

        return request.path

    return WSGIMiddleware(app.server, workers=8)


class _Forward(Response):
    """A response that is another application's: the request's body has not been read, so that one reads it."""

    def __init__(self, application) -> None:
        self.application, self.background = application, None

    async def __call__(self, scope, receive, send) -> None:
        await self.application(scope, receive, send)


def _document(find, shop: str, version: str) -> Response:
    """A page of a published version. `find(shop, version)` gives its path once its bytes are those published."""
    from dashboard.served import preferred_shop
    from warehouse.published import NotPublished, PublishedDamaged

    try:
        path = find(shop or preferred_shop(), version or None)
    except (NotPublished, PublishedDamaged) as error:
        raise HTTPException(404, str(error)) from None
    return FileResponse(path, headers={**HEADERS, "Content-Security-Policy": DOCUMENT_POLICY})


def _quality_report(shop: str, version: str | None) -> Path:
    from expectations.report import FILE
    from warehouse.published import verify, version_folder

    folder = version_folder(shop, version)
    verify(folder, only=FILE)
    return folder / FILE
