"""The condition that a column holds one of very many texts: one parameter, whatever their number.

``IN`` with a parameter for each costs more to write down than to answer from about a hundred on, and
databases limit how many parameters a statement may have.
"""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa


def among(
    connection: sa.Connection, column: sa.ColumnElement[Any], texts: Iterable[str]
) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds one of some texts, in the words of a connection's database.

    Parameters
    ----------
    texts : iterable of str
        They are sent as one JSON array; none of them, and no row fits.
    """
    listed = sa.bindparam(None, json.dumps(list(texts)), type_=sa.Text, unique=True)
    if connection.dialect.name == "sqlite":
        return column.in_(sa.select(sa.column("value")).select_from(sa.func.json_each(listed)))
    return column.in_(sa.select(sa.func.json_array_elements_text(sa.cast(listed, sa.JSON))))
