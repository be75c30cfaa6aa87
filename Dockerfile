# The daemon in a small image: `docker build -t aggregator .`
# docs/deploy.md says how to run it; docker-compose.yml adds PostgreSQL.
#
# An image that is published is built from bytes that are known: give the digest of the base with
#   docker build --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:… -t aggregator .
# `docker buildx imagetools inspect python:3.13-slim` tells the one of today. Packages are pinned here.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/aggregator
ENV PATH="/opt/aggregator/bin:$PATH"
# The dependencies first: this layer stays in the cache until they change.
COPY requirements/run.txt requirements/expressions.txt requirements/workers.txt requirements/notify.txt requirements/metrics.txt requirements/traces.txt requirements/
RUN pip install --require-hashes -r requirements/run.txt
RUN pip install --require-hashes -r requirements/workers.txt -r requirements/notify.txt
RUN pip install --require-hashes -r requirements/metrics.txt -r requirements/traces.txt
# A base with another C library (Alpine) has no expressions; all else works without.
RUN pip install --require-hashes -r requirements/expressions.txt || echo "no expressions"
COPY pyproject.toml README.md LICENSE ./
COPY aggregator aggregator
COPY alembic alembic
COPY deploy deploy
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip install --no-deps dist/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="aggregator" \
    org.opencontainers.image.description="Turns any number of RSS, Atom and JSON feeds into one feed worth subscribing to." \
    org.opencontainers.image.version="0.2.0" \
    org.opencontainers.image.licenses="MIT"
# A fixed number, so that a volume keeps its owner when the image is built anew.
RUN groupadd --system --gid 10001 aggregator \
    && useradd --system --uid 10001 --gid aggregator --home-dir /var/lib/aggregator \
       --shell /usr/sbin/nologin aggregator \
    && install --directory --owner aggregator --group aggregator /var/lib/aggregator
COPY --from=build /opt/aggregator /opt/aggregator
# Address and port are the container's own affair: what is published where is said outside.
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
# The program asks itself, at the port that it listens on.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["aggregator", "health"]
ENTRYPOINT ["aggregator"]
CMD ["run"]
