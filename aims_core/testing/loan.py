"""One PostgreSQL database lent from test to test: put back to its first content instead of copied anew."""

import sqlalchemy as sa

from aims_core.testing.postgresql import Server

_KEEP = """
DO $$ DECLARE name text; filled boolean; BEGIN
  CREATE SCHEMA aims_pristine;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM public.' || name || ')' INTO filled;
    IF filled THEN
      EXECUTE 'CREATE TABLE aims_pristine.' || name || ' AS TABLE public.' || name;
    END IF;
  END LOOP;
END $$
"""
# As a replica the session runs no triggers: neither foreign keys nor append-only guards stand in the way.
_PUT_BACK = """
DO $$ DECLARE name text; BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);
  PERFORM set_config('lock_timeout', '2s', true);
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DELETE FROM public.' || name;
  END LOOP;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'aims_pristine' LOOP
    EXECUTE 'INSERT INTO public.' || name || ' SELECT * FROM aims_pristine.' || name;
  END LOOP;
END $$
"""
_SHAPE = """
SELECT string_agg(part, ' ' ORDER BY part) FROM (
  SELECT concat(relname, relkind, relnatts) AS part FROM pg_class
  WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat(tgrelid, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat(proname, oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS parts
"""
_LEAVE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Loan:
    """A database with the content of a template, for one test after the other.

    A copy costs far more than putting a few rows back. A test that changed the shape of the
    database (dropped a trigger, moved a schema) leaves it unfit, and the next test gets a new copy.

    Parameters
    ----------
    server : Server
        Where the databases are.
    template : str
        Name of the database whose content each test starts from.
    """

    def __init__(self, server: Server, template: str) -> None:
        self._server = server
        self._template = template
        self._name = ""
        self._shape = ""
        self._engine: sa.Engine | None = None

    def take(self) -> str:
        """Return the name of a database that is as the template is."""
        if not self._put_back():
            self._copy()
        return self._name

    def end(self) -> None:
        """Delete the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._server.drop(self._name)
            self._engine = None

    def _copy(self) -> None:
        self.end()
        self._name = self._server.create(template=self._template)
        self._engine = sa.create_engine(
            self._server.url(self._name), isolation_level="AUTOCOMMIT", pool_size=1
        )
        with self._engine.connect() as connection:
            connection.exec_driver_sql(_KEEP)
            self._shape = connection.exec_driver_sql(_SHAPE).scalar_one()

    def _put_back(self) -> bool:
        if self._engine is None:
            return False
        with self._engine.connect() as connection:
            connection.exec_driver_sql(_LEAVE)
            if connection.exec_driver_sql(_SHAPE).scalar_one() != self._shape:
                return False
            connection.exec_driver_sql(_PUT_BACK)
        return True
