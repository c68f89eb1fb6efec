"""Exit code 0 when the api-server of this container answers and reaches its database."""

import json
import os
import sys
from urllib.request import urlopen

PORT = os.environ.get("AIRFLOW__API__PORT", "8080")

if __name__ == "__main__":
    with urlopen(f"http://127.0.0.1:{PORT}/api/v2/monitor/health", timeout=8) as answer:
        sys.exit(json.load(answer)["metadatabase"]["status"] != "healthy")
