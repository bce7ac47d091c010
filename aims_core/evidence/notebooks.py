"""Notebooks as evidence: run here in a clean kernel with all that the run stood on, or taken as they came."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from aims_core import tables
from aims_core.canonical import digest, writable
from aims_core.evidence.content import chunks_of, open_regular
from aims_core.evidence.environment import environment
from aims_core.evidence.filing import Exhibit, Filing
from aims_core.evidence.intake import content_chunks, unfit, within_limit
from aims_core.evidence.kernel import run_notebook
from aims_core.evidence.notebook_file import (
    checked_parameters,
    failure_in,
    injected_source,
    language_of,
    not_run,
    notebook_bytes,
    prepare,
    ran_in_order,
    read_notebook,
    stem_of,
)
from aims_core.records import Evidence
from aims_core.store.rows import evidence_from_row, select_evidence

FAILED = "failed_run"
"""The kind of evidence that a failed run is, whatever it was meant to show."""

_LONGEST_LANGUAGE = 40
_MOST_SECONDS = 7 * 24 * 3_600


class Notebooks(Filing):
    """The part of the evidence store that runs notebooks and keeps them."""

    def add_notebook(  # noqa: PLR0913 - what a run stands on, all by name
        self,
        system_id: str,
        path: Path | str,
        *,
        parameters: Mapping[str, Any] | None = None,
        inputs: Iterable[Path | str] = (),
        kind: str = "validation",
        title: str = "",
        note: str = "",
        time_limit: float = 600,
        again: bool = False,
    ) -> Evidence:
        """Run a copy of a notebook in a clean kernel and put the executed copy on record.

        The same notebook with the same parameters, inputs and environment, for the same revision of the
        system, is found when it ran clean before; then it is not run again.

        Parameters
        ----------
        path : path or str
            The notebook; it is not changed. Its cells run in its folder, with the rights of this process.
        parameters : mapping, optional
            Values by name. They are written into a cell of their own, tagged ``injected-parameters``, behind
            the one tagged ``parameters``.
        inputs : iterable of paths, optional
            Files the notebook reads; their digests are recorded. That it reads no others is not checked.
        kind : str
            What a clean run is evidence of. A failed run is kept as ``failed_run``, whatever it is here.
        title : str
            The notebook's name by default.
        time_limit : float
            Seconds for all cells together.
        again : bool
            True runs it even when the same clean run is on record.

        Returns
        -------
        Evidence
            Its `run` says ``here`` (True), ``clean``, ``failure``, ``parameters``, ``inputs``,
            ``environment``, ``source_digest``, ``started_at``, ``seconds`` and ``time_limit``. A run is
            clean when every cell ran, none ended in an error, and no input changed meanwhile.

        Raises
        ------
        InvalidRecord
            The file is no notebook in Python, a parameter or an input cannot be taken, or the executed
            notebook is larger than the limit.
        NotPermitted, RecordNotFound
            As everywhere.
        WorkspaceError
            The libraries for running notebooks are not installed.

        Notes
        -----
        Writes ``EvidenceAdded``.
        """
        source = Path(path)
        asked = f"run {writable(source.name)} for {system_id}"
        exhibit = Exhibit(kind=kind, title=title or stem_of(source), note=note)
        revision = self._may_add(asked, system_id, exhibit).revision
        with self._noting_refusals(asked, system_id):
            content = b"".join(content_chunks(source, None, asked, self._policy))
            notebook = read_notebook(content, writable(source.name), asked)
            _check_language(notebook, asked)
            given = checked_parameters(parameters or {}, asked)
            files = [Path(one) for one in inputs]
            read = _digests(files, asked)
            _check_limit(time_limit, asked)
        stood_on = environment()
        source_digest = _sha256(content)
        key = digest([source_digest, given, read, stood_on["digest"]])
        if not again and (found := self._clean_run(system_id, kind.strip(), revision, key)):
            return found
        prepared, started_at = prepare(notebook, given), self._desk.store.clock()
        failure, seconds = run_notebook(prepared, source.resolve().parent, time_limit)
        failure = failure or _changed(read, files)
        run = {
            "here": True,
            "clean": not failure,
            "failure": failure,
            "parameters": given,
            "inputs": read,
            "environment": stood_on,
            "source_digest": source_digest,
            "started_at": started_at,
            "seconds": round(seconds, 3),
            "time_limit": float(time_limit),
        }
        ran = replace(exhibit, collected_at=started_at, revision=revision, run=run, run_key=key)
        return self._keep_notebook(asked, system_id, ran, notebook_bytes(prepared))

    def add_executed_notebook(
        self,
        system_id: str,
        path: Path | str,
        *,
        kind: str = "validation",
        title: str = "",
        note: str = "",
        collected_at: datetime | None = None,
    ) -> Evidence:
        """Put a notebook on record that ran elsewhere; it is kept as it is and recorded as not run here.

        Parameters
        ----------
        path : path or str
            The executed notebook.
        kind : str
            What it is evidence of; ``failed_run`` takes its place when an output is an error.
        collected_at : datetime, optional
            When it ran, aware; now by default.

        Returns
        -------
        Evidence
            Its `run` says ``here`` (False), ``clean``, ``failure``, ``in_order``, ``parameters_cell`` and
            what the notebook says of its ``environment``; nobody here saw it run. Cells that did not run
            once from top to bottom leave the mark ``out_of_order``, and such a run is not clean.

        Raises
        ------
        InvalidRecord
            The file is no notebook, or cells of it were not run.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``EvidenceAdded``.
        """
        source = Path(path)
        asked = f"add {writable(source.name)} to {system_id}"
        exhibit = Exhibit(
            kind=kind, title=title or stem_of(source), note=note, collected_at=collected_at
        )
        self._may_add(asked, system_id, exhibit)
        with self._noting_refusals(asked, system_id):
            content = b"".join(content_chunks(source, None, asked, self._policy))
            notebook = read_notebook(content, writable(source.name), asked)
            if count := not_run(notebook):
                why, remedy = f"{count} cell(s) of it were not run", "run it, or use add_notebook"
                raise unfit(asked, "path", why, remedy)
        failure, in_order = failure_in(notebook), ran_in_order(notebook)
        run = {
            "here": False,
            "clean": in_order and not failure,
            "failure": failure,
            "in_order": in_order,
            "parameters_cell": injected_source(notebook),
            "environment": {
                name: notebook.metadata[name]
                for name in ("kernelspec", "language_info")
                if name in notebook.metadata
            },
        }
        marks = {"not_run_here": "it ran elsewhere; what its outputs show is its author's word"}
        if not in_order:
            marks["out_of_order"] = "its cells were not run once from top to bottom"
        return self._keep_notebook(
            asked, system_id, replace(exhibit, run=run, marks=marks), content
        )

    def _keep_notebook(
        self, asked: str, system_id: str, exhibit: Exhibit, content: bytes
    ) -> Evidence:
        if exhibit.run is not None and exhibit.run["failure"]:
            # Not of the kind it was meant to be: a check that asks for validation must not count it.
            exhibit = replace(exhibit, kind=FAILED)
        chunks = within_limit([content], asked, "notebook", "the executed notebook", self._policy)
        return self._put(asked, system_id, exhibit, chunks, "notebook.ipynb")

    def _clean_run(self, system_id: str, kind: str, revision: int, key: str) -> Evidence | None:
        table = tables.evidence
        query = (
            select_evidence()
            .where(
                table.c.system_id == system_id,
                table.c.kind == kind,
                table.c.revision == revision,
                table.c.run_key == key,
                table.c.disposed_at.is_(None),
            )
            .order_by(table.c.added_at)
        )
        with self._desk.reading() as tx:
            row = tx.connection.execute(query.limit(1)).one_or_none()
        return None if row is None else evidence_from_row(row)


def _digests(paths: Iterable[Path], asked: str) -> list[dict[str, Any]]:
    """Return name, digest and size of each declared input, as it is now."""
    found = []
    for path in paths:
        try:
            with open_regular(path) as file:
                size = os.fstat(file.fileno()).st_size
                found.append({"name": path.as_posix(), "digest": _sha256_of(file), "size": size})
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", "") or str(error)
            why = f"{writable(str(path))} cannot be read: {said}"
            raise unfit(asked, "inputs", why, "name files that are there") from error
    return found


def _changed(before: list[dict[str, Any]], paths: Iterable[Path]) -> str:
    """Say which input is not what it was when the run began, empty when all are."""
    for one, path in zip(before, paths, strict=True):
        try:
            with open_regular(path) as file:
                same = _sha256_of(file) == one["digest"]
        except OSError:
            same = False
        if not same:
            return f"the input {one['name']} changed during the run"
    return ""


def _check_language(notebook: Any, asked: str) -> None:
    language = language_of(notebook)
    if language != "python":
        why = f"is in {language[:_LONGEST_LANGUAGE]!r}; only Python is run here"
        raise unfit(asked, "path", why, "run it elsewhere and use add_executed_notebook")


def _check_limit(time_limit: float, asked: str) -> None:
    if not 0 < time_limit <= _MOST_SECONDS:
        why = f"is {time_limit!r}"
        raise unfit(asked, "time_limit", why, f"give seconds, up to {_MOST_SECONDS:,}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sha256_of(file: IO[bytes]) -> str:
    seen = hashlib.sha256()
    for chunk in chunks_of(file):
        seen.update(chunk)
    return seen.hexdigest()
