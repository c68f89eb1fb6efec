# One image for every Airflow process of docker-compose.yml. Base images are pinned by their exact tag.

FROM python:3.11.16-slim-bookworm AS packages
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY requirements/installer.txt requirements/cluster.txt ./
# Every package is a wheel whose hash is checked; nothing is built, so no stage holds a compiler.
RUN pip install --no-cache-dir --require-hashes -r installer.txt \
    && uv venv /opt/venv \
    && uv pip install --python /opt/venv/bin/python --require-hashes --no-build -r cluster.txt

FROM python:3.11.16-slim-bookworm
LABEL org.opencontainers.image.title="precision-marketing" \
      org.opencontainers.image.description="Airflow, dbt on DuckDB and the learning steps of the precision marketing pipeline" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.base.name="docker.io/library/python:3.11.16-slim-bookworm"
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# LightGBM uses the system's OpenMP. The folders are made here, so that new volumes belong to the user.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1=12.2.0-* \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 precision \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin precision \
    && install -d -o precision -g precision -m 0750 /var/lib/precision /var/log/precision
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/precision \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PRECISION_HOME=/var/lib/precision \
    AIRFLOW_HOME=/tmp/airflow \
    HOME=/tmp
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/precision
COPY . .
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
    CMD ["python", "deploy/api_server_is_healthy.py"]
CMD ["airflow", "api-server"]
