"""Anchors keep checkpoints elsewhere; what one of them says never undoes the checkpoint."""

import email
import email.policy
import socketserver
import subprocess
import threading
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from aims_core import AnchorReceipt, WorkspaceError
from aims_core.anchors import object_store

pytestmark = pytest.mark.parametrize("aims_database", ["sqlite"])


def anchor(kind, **options):
    lines = "\n".join(
        f"{k} = {str(v).lower() if isinstance(v, bool) else v if isinstance(v, int) else repr(str(v))}"
        for k, v in options.items()
    )
    return f'[[audit.anchors]]\nname = "{kind}"\nkind = "core.{kind}"\n{lines}\n'


def test_a_folder_keeps_each_checkpoint_as_a_file_and_never_changes_one(anchored, tmp_path):
    place = tmp_path / "share"
    place.mkdir()
    workspace, made = anchored(anchor("folder", folder=place))

    [file] = place.iterdir()
    assert file.read_text() == made.note
    [outcome] = made.anchored
    assert (outcome.kept, outcome.location) == (True, str(file))
    assert workspace.audit.checkpoint() == made
    assert workspace.audit.events(limit=1)[0].payload["kept"] == {"folder": str(file)}
    assert workspace.audit.verify(checkpoints=[file.read_text()]).intact


def test_an_anchor_that_holds_another_history_says_so(anchored, tmp_path):
    place = tmp_path / "share"
    place.mkdir()
    workspace, _ = anchored(anchor("folder", folder=place))
    [file] = place.iterdir()
    second = file.with_name(file.name.replace("000001", "000002"))
    second.write_text("another history")
    workspace.staffing.add("nina", "Nina")

    made = workspace.audit.checkpoint()

    assert not made.anchored[0].kept
    assert "one of two histories is false" in made.anchored[0].error
    assert second.read_text() == "another history"


def test_a_failing_anchor_is_shown_and_recorded_and_tried_again_and_others_are_served(
    anchored, tmp_path
):
    place = tmp_path / "share"
    down = [True]

    def keep(checkpoint, options):
        if down[0]:
            raise ConnectionError("the notary\x00 sleeps")
        return AnchorReceipt(location="ledger", receipt=str(checkpoint.number))

    place.mkdir()
    ledger = '[[audit.anchors]]\nname = "ledger"\nkind = "notary.ledger"\n'
    workspace, made = anchored(ledger + anchor("folder", folder=place), keep=keep)

    by_name = {outcome.anchor: outcome for outcome in made.anchored}
    assert by_name["folder"].kept
    assert not by_name["ledger"].kept
    assert "ConnectionError: the notary\\x00 sleeps" in by_name["ledger"].error
    assert workspace.audit.newest_checkpoint() == made
    assert list(workspace.audit.events(limit=1)[0].payload["failed"]) == ["ledger"]
    down[0] = False
    again = workspace.audit.checkpoint()
    assert again.number == made.number
    assert [o.kept for o in again.anchored if o.anchor == "ledger"] == [False, True]
    assert len(list(place.iterdir())) == 1


def test_an_anchor_that_answers_nonsense_or_does_not_exist_has_not_kept_it(anchored):
    toml = (
        '[[audit.anchors]]\nname = "ledger"\nkind = "notary.ledger"\n'
        '[[audit.anchors]]\nname = "gone"\nkind = "gone.anchor"\n'
    )

    _, made = anchored(toml, keep=lambda *_: "somewhere")

    errors = {outcome.anchor: outcome.error for outcome in made.anchored}
    assert "not an AnchorReceipt" in errors["ledger"]
    assert "no plugin offers the kind of anchor 'gone.anchor'" in errors["gone"]


def test_settings_that_are_no_anchors_are_refused_in_plain_words(anchored):
    with pytest.raises(WorkspaceError, match="each with a name and a kind"):
        anchored('[audit]\nanchors = ["folder"]\n')


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("folder", {}, 'needs folder = "…"'),
        ("folder", {"folder": "relative"}, "must be an absolute path"),
        ("folder", {"folder": "/nowhere/at/all"}, "is no folder"),
        ("git", {"remote": "--upload-pack=touch x"}, "cannot be a remote"),
        ("git", {"remote": "ext::sh -c x"}, "cannot be a remote"),
        ("git", {"remote": "/nowhere/at/all.git"}, "git ls-remote failed"),
        ("mail", {"to": "a@b", "from": "c@d", "server": "localhost", "port": 1}, "did not take"),
        ("mail", {"to": "a@b", "from": "c@d", "folder": "/nowhere/at/all"}, "is no folder"),
        ("object_store", {"url": "ftp://x/y"}, "is no address of a bucket"),
    ],
)
def test_an_anchor_that_cannot_keep_it_says_what_stands_in_the_way(anchored, kind, options, said):
    _, made = anchored(anchor(kind, **options))

    assert said in made.anchored[0].error


def git(*arguments, cwd):
    done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_bare_git_repository_gets_one_commit_for_each_checkpoint(anchored, tmp_path):
    remote = tmp_path / "bare.git"
    git("init", "--quiet", "--bare", str(remote), cwd=tmp_path)
    workspace, first = anchored(anchor("git", remote=remote))
    workspace.staffing.add("nina", "Nina")
    second = workspace.audit.checkpoint()

    for made in (first, second):
        assert made.anchored[0].kept, made.anchored[0].error
    assert git("log", "--format=%H", "checkpoints", cwd=remote).split("\n") == [
        second.anchored[0].receipt,
        first.anchored[0].receipt,
    ]
    names = git("ls-tree", "--name-only", "checkpoints", cwd=remote).split("\n")
    assert len(names) == 2
    shown = git("show", f"checkpoints:{names[0]}", cwd=remote)
    assert shown == first.note.strip()
    assert workspace.audit.verify(checkpoints=[shown + "\n"]).intact


def test_a_message_is_laid_into_a_folder_with_the_checkpoint_attached(anchored, tmp_path):
    place = tmp_path / "outgoing"
    place.mkdir()
    options = {"to": "auditor@example.org", "from": "aims@example.org", "folder": place}

    workspace, made = anchored(anchor("mail", **options))

    [file] = place.iterdir()
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    [attached] = message.iter_attachments()
    assert message["To"] == "auditor@example.org"
    assert attached.get_content().decode() == made.note
    assert workspace.audit.verify(checkpoints=[attached.get_content().decode()]).intact


def test_a_line_break_in_an_address_sends_nothing(anchored, tmp_path):
    options = f'to = "a@b\\nBcc: c@d"\nfrom = "e@f"\nfolder = "{tmp_path}"\n'
    toml = f'[[audit.anchors]]\nname = "mail"\nkind = "core.mail"\n{options}'

    _, made = anchored(toml)

    assert "cannot be addressed" in made.anchored[0].error
    assert not list(tmp_path.glob("*.eml"))


class Smtp(socketserver.StreamRequestHandler):
    """Takes one message, as a mail server does."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.strip().upper()
            if word.startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.got.append(b"".join(lines))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


class Http(BaseHTTPRequestHandler):
    """Answers as the test says and notes what it got."""

    def do_PUT(self):
        self._answer()

    def do_GET(self):
        self._answer()

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.got.append((self.path, dict(self.headers), body))
        status, said = self.server.answer(body)
        self.send_response(status)
        self.send_header("ETag", '"abc"')
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


@pytest.fixture
def serving():
    """Give the way to start a server of the test's own on this machine."""
    servers = []

    def start(kind, handler, answer=None):
        server = kind(("127.0.0.1", 0), handler)
        server.got, server.answer = [], answer
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_message_is_sent_by_a_mail_server(anchored, serving):
    server = serving(socketserver.TCPServer, Smtp)
    options = {"to": "auditor@example.org", "from": "aims@example.org", "encrypted": False}

    _, made = anchored(anchor("mail", server="127.0.0.1", port=server.server_address[1], **options))

    assert made.anchored[0].kept, made.anchored[0].error
    message = email.message_from_bytes(server.got[0], policy=email.policy.default)
    [attached] = message.iter_attachments()
    assert attached.get_content().decode() == made.note


def test_an_object_store_gets_one_signed_put_that_replaces_nothing(anchored, serving, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = serving(HTTPServer, Http, lambda _: (200, b""))

    _, made = anchored(
        anchor("object_store", url=f"http://127.0.0.1:{server.server_address[1]}/bucket/aims")
    )

    assert made.anchored[0].kept, made.anchored[0].error
    path, headers, body = server.got[0]
    assert path.startswith("/bucket/aims/aims-trail-")
    assert body.decode() == made.note
    given = {name.lower(): value for name, value in headers.items()}
    assert given["if-none-match"] == "*"
    # Without it a bucket that keeps objects for a time takes none.
    assert b64decode(given["content-md5"]) == md5(body, usedforsecurity=False).digest()
    when = datetime.strptime(given["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    host = f"127.0.0.1:{server.server_address[1]}"
    expected = object_store.signed_headers("PUT", host, path, body, region="us-east-1", now=when)
    assert given["authorization"] == expected["Authorization"]


@pytest.mark.parametrize(
    ("method", "body", "signature"),
    [
        ("PUT", b"note\n", "c1cf7cd29c95b0d7322a06444a5628aeca441b452d80071e96ef5609656c972c"),
        ("GET", b"", "54a866e86140f867a625f428444f75a1cedacee72a37361825a20ac2236d4147"),
    ],
)
def test_a_request_is_signed_as_botocore_signs_it(
    aims_database, monkeypatch, method, body, signature
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    host, path, now = (
        "store.example.org:9000",
        "/audit/aims/x-000001.txt",
        datetime(2026, 11, 26, 12, tzinfo=UTC),
    )

    headers = object_store.signed_headers(method, host, path, body, region="eu-west-1", now=now)

    assert headers["Authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize(
    ("held", "kept", "said"),
    [
        (lambda note: note, True, ""),
        (lambda note: note + b".", False, "one of two histories is false"),
        (lambda _: b"", False, "one of two histories is false"),
    ],
)
def test_an_object_that_is_there_already_has_to_be_the_same_note(
    anchored, serving, monkeypatch, held, kept, said
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    notes = []

    def answer(body):
        notes.append(body)
        return (
            (200, held(notes[0])) if len(notes) == 2 else (412, b"<Code>PreconditionFailed</Code>")
        )

    server = serving(HTTPServer, Http, answer)

    _, made = anchored(anchor("object_store", url=f"http://127.0.0.1:{server.server_address[1]}/b"))

    [outcome] = made.anchored
    assert (outcome.kept, outcome.receipt) == (kept, '"abc"' if kept else "")
    assert said in outcome.error
    assert len(server.got) == 2


def test_an_object_store_that_refuses_or_has_no_keys_is_said(anchored, serving, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    server = serving(HTTPServer, Http, lambda _: (403, b"<Error>AccessDenied</Error>"))
    toml = anchor("object_store", url=f"http://127.0.0.1:{server.server_address[1]}/bucket")

    workspace, made = anchored(toml)
    assert "keys are missing" in made.anchored[0].error
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = workspace.audit.checkpoint()

    assert "answered 403: <Error>AccessDenied" in made.anchored[-1].error
