"""TIME: when each step happens; the only folder that imports Airflow."""
