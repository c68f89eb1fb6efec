"""Airflow's sidebar entry *Marketing*: the front door, behind Airflow's own login.

Airflow serves a plugin's routes without a login unless each depends on one; here the whole application does.
"""

import sys
import threading
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin


def _front_door():
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
    from airflow.api_fastapi.core_api.security import requires_access_view

    from dashboard import front_door

    below = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")  # Airflow behind a proxy's path
    prefix = f"{below}/marketing/"
    door = front_door.front_door(requires_access_view(AccessView.WEBSITE), prefix, f"{below}/auth/login")
    threading.Thread(target=front_door.dashboard, args=(prefix,), daemon=True).start()  # so that nobody waits for it
    return [{"app": door, "url_prefix": "/marketing", "name": "Marketing"}]


def _secure_answers():
    from airflow.api_fastapi.app import get_cookie_path
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN

    from dashboard.secure_answers import secure_answers

    given = {"cookie": COOKIE_NAME_JWT_TOKEN, "cookie_path": get_cookie_path()}
    return [{"name": "Secure answers", "middleware": secure_answers, "kwargs": given}]


class Marketing(AirflowPlugin):
    """Dashboard, dbt docs and data-quality report; other processes of Airflow load no part of it."""

    name = "marketing"
    fastapi_apps = _front_door() if "api-server" in sys.argv else []
    fastapi_root_middlewares = _secure_answers() if "api-server" in sys.argv else []
    external_views = (
        {
            "name": "Marketing",
            "href": "/marketing/overview",
            "destination": "nav",
            "url_route": "marketing",
        },
    )
