"""``workspace.reporting``: build a report, issue it as a file, and list what was issued."""

import hashlib
import re
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from aims_core import (
    Offer,
    PluginError,
    ProviderChoice,
    Report,
    ReportIssued,
    Transaction,
    Workspace,
    WorkspaceError,
    fixed_frame,
    put_in_place,
    written_beside,
)
from aims_reporting import assembly, pinning
from aims_reporting.tables import report as table

_HOOK = "aims_report_formats"
_FOLDER = "reports"
_COLUMNS = {
    "report_id": "string",
    "system_id": "string",
    "title": "string",
    "format": "string",
    "location": "string",
    "digest": "string",
    "size": "Int64",
    "failed_sections": "Int64",
    "trail_head": "string",
    "trail_length": "Int64",
    "issued_by": "string",
    "issued_at": "datetime64[us, UTC]",
}


class Reporting:
    """Reports of one AI system or of the whole portfolio.

    Parameters
    ----------
    workspace : Workspace
        Whose records are reported on, as its actor.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def build(self, system_id: str = "", *, as_of: int | None = None) -> Report:
        """Return a report of one system, or of the portfolio when `system_id` is empty.

        It is pinned to a checkpoint, which is made for it where the key is here and the actor may make
        one; its `pin` says so, or why it is pinned to the trail's head only. Sections that look back say
        what held at that checkpoint, the others what holds now. A section that cannot be built is
        replaced by one that names its plugin and the error.

        Parameters
        ----------
        system_id : str
            The system to report on; empty for all systems.
        as_of : int, optional
            The number of a checkpoint made before: the same content again, of the sections that look
            back; a last section names those that cannot. Nothing is written.

        Raises
        ------
        RecordNotFound
            No system has this id, or had by then, or there is no such checkpoint.

        Notes
        -----
        Writes ``CheckpointMade`` and ``CheckpointAnchored`` where it makes a checkpoint.
        Source: ISO/IEC 42001, 7.5 (documented information) and 9.3 (management review).
        """
        workspace = self._workspace
        title = "Portfolio of AI systems"
        if system_id:  # an unknown one is refused before anything is written
            workspace.inventory.get(system_id)
        pin = pinning.pin_now(workspace) if as_of is None else pinning.pin_of(workspace, as_of)
        then = pin.checkpoint or None
        if system_id:
            title = f"AI system report: {workspace.inventory.get(system_id, as_of=then).name}"
        # The head is read first: whatever the sections show stood in the trail by then or came
        # later, and `aims audit events` tells which. The other way round could hide a change.
        length, head = workspace.audit.head()
        with workspace.reading() as tx:
            report_id, now = tx.new_id("rep"), tx.now
        return Report(
            report_id=report_id,
            title=assembly.clean_text(title),
            subject=system_id,
            organisation=assembly.clean_text(workspace.settings.organisation),
            generated_at=now,
            generated_by=f"{workspace.actor.name} ({workspace.actor.actor_id})",
            trail_head=head,
            trail_length=length,
            evidence_level=workspace.evidence_level,
            sections=assembly.sections(workspace, system_id, then, past=as_of is not None),
            pin=pin,
        )

    def issue(
        self,
        system_id: str = "",
        *,
        format: str = "html",  # noqa: A002 - the word people use for it
        path: Path | str | None = None,
    ) -> Path:
        """Build a report, write it to a file and return the file's path.

        Parameters
        ----------
        system_id : str
            The system to report on; empty for all systems.
        format : str
            ``html``, ``json``, or the id or file ending of a format that a plugin offers.
        path : path, optional
            Where to write; an existing file is replaced. By default a new file in ``reports/`` of
            the workspace folder.

        Raises
        ------
        RecordNotFound
            No system has this id.
        NotPermitted
            The actor may not issue reports on this.
        ProviderChoice
            No plugin offers this format, or several do.
        PluginError
            The format failed; no file was written.
        WorkspaceError
            The file cannot be written.

        Notes
        -----
        Writes ``ReportIssued`` with the digest of the file's bytes.
        """
        return self.save(self.build(system_id), format=format, path=path)

    def save(
        self,
        report: Report,
        *,
        format: str = "html",  # noqa: A002 - same
        path: Path | str | None = None,
    ) -> Path:
        """Issue a report that was built before, as :meth:`issue` does, and return the file's path.

        One report may be issued in several formats; in the same format again, it keeps its one
        entry, which then names the newest file.

        Notes
        -----
        Writes ``ReportIssued`` with the digest of the file's bytes.
        """
        offer = self._format(format)
        body = self._rendered(offer, report)
        target = self._target(report, offer, path)
        about = f"the report on {report.subject or 'the portfolio'}"
        try:
            with (
                written_beside(target, body, replace=True) as waiting,
                self._workspace.writing() as tx,
            ):
                tx.require("report", f"issue {about}", system_id=report.subject)
                self._record(tx, report, offer, body, target)
                # Last of all: a record never names a file that could not be put in place.
                put_in_place(waiting, target, replace=True)
        except OSError as error:
            raise WorkspaceError.not_written("the report", target, error) from error
        return target

    def frame(self) -> pd.DataFrame:
        """Return the issued reports, newest first.

        Returns
        -------
        pandas.DataFrame
            Columns ``report_id, system_id, title, format, location, digest, size, failed_sections,
            trail_head, trail_length, issued_by`` and ``issued_at``; `system_id` is empty for the
            portfolio, `location` is relative to the workspace folder where it lies inside, `size`
            is in bytes, `failed_sections` counts those that could not be built.
        """
        query = sa.select(*(table.c[name] for name in _COLUMNS)).order_by(
            table.c.issued_at.desc(), table.c.report_id
        )
        with self._workspace.reading() as tx:
            rows = [dict(row) for row in tx.connection.execute(query).mappings()]
        return fixed_frame(rows, _COLUMNS)

    def _format(self, wanted: str) -> Offer:
        offers = self._workspace.host.contributions(_HOOK)
        fitting = [o for o in offers if wanted == o.spec.id] or [
            o for o in offers if wanted.lower().lstrip(".") == o.spec.suffix.lstrip(".")
        ]
        if len(fitting) > 1:
            fitting = [self._workspace.host.offer(_HOOK)]
        if not fitting:
            raise ProviderChoice("report_format", wanted, [o.spec.id for o in offers])
        return fitting[0]

    def _rendered(self, offer: Offer, report: Report) -> bytes:
        body = self._workspace.host.ask(offer, offer.spec.render, report)
        if not isinstance(body, bytes):
            answered = f"answered {type(body).__name__}, expected bytes"
            raise PluginError(offer.plugin.name, offer.spec.id, answered)
        return body

    def _target(self, report: Report, offer: Offer, path: Path | str | None) -> Path:
        if path is not None:
            return Path(path).absolute()
        subject = re.sub(r"[^A-Za-z0-9._-]", "-", report.subject) or "portfolio"
        name = f"{subject}_{report.generated_at:%Y-%m-%d}_{report.report_id}{offer.spec.suffix}"
        folder = self._workspace.settings.folder / _FOLDER
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise WorkspaceError.not_written("the report", folder, error) from error
        return folder / name

    def _record(
        self, tx: Transaction, report: Report, offer: Offer, body: bytes, target: Path
    ) -> None:
        digest = hashlib.sha256(body).hexdigest()
        key = {"report_id": report.report_id, "format": offer.spec.id}
        values = {
            "system_id": report.subject,
            "title": report.title[:500],
            "distribution": offer.plugin.distribution,
            "version": offer.plugin.version,
            "media_type": offer.spec.media_type,
            "location": self._location(target),
            "digest": digest,
            "size": len(body),
            "failed_sections": len(assembly.failed(report)),
            "trail_head": report.trail_head,
            "trail_length": report.trail_length,
            "issued_by": tx.actor.actor_id,
            "issued_at": tx.now,
        }
        same = sa.and_(*(table.c[name] == value for name, value in key.items()))
        again = tx.connection.execute(sa.update(table).where(same).values(**values))
        if not again.rowcount:
            tx.connection.execute(sa.insert(table).values(**key, **values))
        tx.record(
            ReportIssued(
                system_id=report.subject,
                report_id=report.report_id,
                format=offer.spec.id,
                subject=report.subject or "portfolio",
                digest=digest,
                trail_head=report.trail_head,
                checkpoint=report.pin.checkpoint,
                tree_size=report.pin.size,
                tree_root=report.pin.root,
                evidence_level=report.evidence_level,
            )
        )

    def _location(self, target: Path) -> str:
        folder = self._workspace.settings.folder.absolute()
        return str(target.relative_to(folder) if target.is_relative_to(folder) else target)
