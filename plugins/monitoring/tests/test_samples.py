import pyarrow.parquet as pq
from aims_monitoring.samples import (
    CALIFORNIA_HOUSING_SCHEMA,
    CENSUS_EMPLOYMENT_SCHEMA,
    california_housing,
    census_employment,
)
from aims_monitoring.schema import Schema


def test_the_sample_logs_are_shipped_complete_and_small():
    paths = california_housing()

    rows = [pq.read_metadata(path).num_rows for path in paths]

    assert rows == [5_832, 8_232, 8_232]
    assert sum(path.stat().st_size for path in paths) < 700_000
    assert (paths.reference.parent / "README.md").read_text().count("Apache License") == 2


def test_the_schema_fits_them():
    schema = Schema.of(CALIFORNIA_HOUSING_SCHEMA)
    paths = california_housing()

    assert set(schema.profiled) <= set(pq.read_schema(paths.reference).names)
    assert pq.read_schema(paths.labels).names == [schema.id, schema.label]


def test_the_census_log_is_complete_and_its_schema_fits():
    file = pq.ParquetFile(census_employment())
    schema = Schema.of(CENSUS_EMPLOYMENT_SCHEMA)

    assert file.metadata.num_rows == 68_785
    assert set(schema.profiled) == set(file.schema_arrow.names)
    assert census_employment().stat().st_size < 900_000
