# CivicLake's image: Airflow, dbt and the lake in one environment, built from the production lock.
FROM python:3.11-slim AS build
COPY requirements-install.lock requirements-production.lock /tmp/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements-install.lock \
    && /opt/venv/bin/uv pip sync --no-cache --python /opt/venv/bin/python --require-hashes --compile-bytecode \
        /tmp/requirements-install.lock /tmp/requirements-production.lock

FROM python:3.11-slim
# the PDF of the report: layout, and a font with Chinese
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 poppler-utils fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 50000 civiclake && install -d -o civiclake /var/lib/civiclake
COPY --from=build /opt/venv /opt/venv
COPY --chown=civiclake . /opt/civiclake
RUN /opt/venv/bin/uv pip install --no-cache --python /opt/venv/bin/python --no-deps --no-build-isolation \
        --editable /opt/civiclake
ENV PATH=/opt/venv/bin:$PATH \
    CIVICLAKE_HOME=/var/lib/civiclake \
    AIRFLOW_HOME=/var/lib/civiclake/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/civiclake/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/civiclake/dags/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    DO_NOT_TRACK=1
WORKDIR /opt/civiclake
USER civiclake
CMD ["airflow", "version"]
