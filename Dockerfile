# One image, three commands: api, worker, serve (docs/operations.md). The weights are in it: it needs no network to run.
# tools/image_check.py takes the same steps where no container engine runs; keep to FROM, WORKDIR, COPY, ENV, RUN.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/gezi
WORKDIR /src
COPY requirements.lock ./
# --no-deps: the lock names everything, and one cv2 only may be installed.
RUN /opt/gezi/bin/pip install --no-deps --require-hashes -r requirements.lock
COPY models ./models
COPY extractor ./extractor
COPY workers ./workers
COPY api ./api
COPY gezi ./gezi
COPY pyproject.toml README.md LICENSE ./
RUN /opt/gezi/bin/pip install --no-deps --no-build-isolation .
ENV GEZI_MODELS_DIR=/opt/gezi/weights
RUN /opt/gezi/bin/gezi models fetch
RUN /opt/gezi/bin/gezi models verify

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home gezi && install -d -o gezi -g gezi /data
COPY --from=build /opt/gezi /opt/gezi
ENV PATH=/opt/gezi/bin:/usr/local/bin:/usr/bin:/bin
ENV GEZI_MODELS_DIR=/opt/gezi/weights GEZI_DATA=/data GEZI_HOST=0.0.0.0 GEZI_PORT=8300 PYTHONUNBUFFERED=1
USER gezi
WORKDIR /data
VOLUME /data
EXPOSE 8300
# A worker alone is asked otherwise: compose.yaml.
HEALTHCHECK --interval=30s --timeout=15s --start-period=120s CMD ["gezi", "health"]
ENTRYPOINT ["gezi"]
CMD ["serve"]
