# The daemon in a small image: `docker build -t aggregator .`
# docs/deploy.md says how to run it; docker-compose.yml adds PostgreSQL.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/aggregator
ENV PATH="/opt/aggregator/bin:$PATH"
# The dependencies first: this layer stays in the cache until they change.
COPY requirements/run.txt requirements/run.txt
RUN pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY aggregator aggregator
COPY alembic alembic
COPY deploy deploy
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip install --no-deps dist/*.whl

FROM python:${PYTHON}-slim
# A fixed number, so that a volume keeps its owner when the image is built anew.
RUN groupadd --system --gid 10001 aggregator \
    && useradd --system --uid 10001 --gid aggregator --home-dir /var/lib/aggregator \
       --shell /usr/sbin/nologin aggregator \
    && install --directory --owner aggregator --group aggregator /var/lib/aggregator
COPY --from=build /opt/aggregator /opt/aggregator
# Address and port are the container's own affair: what is published where is said outside. The
# environment wins over the config file, so HEALTHCHECK below always asks the right port.
ENV PATH="/opt/aggregator/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AGGREGATOR_SERVER__HOST=0.0.0.0 \
    AGGREGATOR_SERVER__PORT=8080
# Relative paths of the configuration start here: data/aggregator.db, data/public.
WORKDIR /var/lib/aggregator
USER aggregator
VOLUME /var/lib/aggregator
EXPOSE 8080
STOPSIGNAL SIGTERM
# http.client, because urllib would ask a proxy that the environment may name.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8080, timeout=4); c.request('GET', '/health'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["aggregator"]
CMD ["run"]
