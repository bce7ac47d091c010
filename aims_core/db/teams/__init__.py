"""PostgreSQL for teams: every person an own login, and the database itself enforces who may do what.

Nothing here changes a database that was never secured with `aims db secure`.
"""

from aims_core.db.teams.protection import Protection, protect
from aims_core.db.teams.results import ResultRule, protect_results
from aims_core.db.teams.standing import LoginIdentity, Standing, identity, standing

__all__ = [
    "LoginIdentity",
    "Protection",
    "ResultRule",
    "Standing",
    "identity",
    "protect",
    "protect_results",
    "standing",
]
