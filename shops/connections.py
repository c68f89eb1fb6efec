"""Credentials of databases, mail servers and APIs: Airflow connections, so that no declaration holds a secret.

In: the name of a connection, as declared. Out: host, port, login, password, schema and extras of it. Airflow keeps
connections in its database (encrypted), or takes them from the environment: AIRFLOW_CONN_<NAME> as a URI or as JSON.
"""

from shops.declaration import ShopError


def connection(name: str):
    """The Airflow connection `name`: host, port, login, password, schema, extra_dejson.

    Raises ShopError when there is none.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get(name)
    except AirflowNotFoundException as error:
        raise ShopError(
            f"there is no connection '{name}': add it in Airflow (Admin, Connections), or set the environment variable "
            f"AIRFLOW_CONN_{name.upper()} to its URI"
        ) from error
