"""A time stamp counts when its signature leads to certificates that the organisation named.

The authority is the one that OpenSSL brings along, with keys made for the test.
"""

import subprocess
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core import WorkspaceError
from aims_core.anchors import timestamp

pytest.importorskip("rfc3161_client", reason="install aims-core[timestamp]")

CONFIGURATION = """
[ req ]
distinguished_name = dn
prompt = no
x509_extensions = ca
[ dn ]
CN = Root of the test
[ ca ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[ tsa ]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[ here ]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
"""
MESSAGE = b"aims trail\n42\nroot\n"


class Authority:
    """An authority with a root of its own, in a folder."""

    def __init__(self, folder, digests="sha256"):
        folder.mkdir()
        self.folder, self.config = folder, folder / "openssl.cnf"
        self.config.write_text(CONFIGURATION.format(folder=folder, digests=digests))
        (folder / "serial").write_text("01")
        self._new("req", "-x509", "-out", "root.pem", "-days", "30")
        self._new("req", "-out", "tsa.csr", "-subj", "/CN=Authority", key="tsa.key")
        options = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30")
        extended = ("-extfile", str(self.config), "-extensions", "tsa")
        self._openssl("x509", "-req", "-in", "tsa.csr", *options, *extended, "-out", "tsa.pem")

    @property
    def root(self):
        return (self.folder / "root.pem").read_bytes()

    @property
    def own(self):
        return (self.folder / "tsa.pem").read_bytes()

    def answer(self, query):
        (self.folder / "query").write_bytes(query)
        self._openssl(
            *("ts", "-reply", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key"),
            *("-config", str(self.config), "-section", "here", "-out", "reply"),
        )
        return (self.folder / "reply").read_bytes()

    def _new(self, *arguments, key="root.key"):
        curve = ("-newkey", "rsa:2048", "-nodes", "-keyout", key, "-config", str(self.config))
        self._openssl(*arguments, *curve)

    def _openssl(self, *arguments):
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Give an authority."""
    return Authority(tmp_path_factory.mktemp("authority") / "it")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Give another one, which nobody named."""
    return Authority(tmp_path_factory.mktemp("authority") / "stranger")


@pytest.fixture(scope="module")
def stamped(authority):
    """Give an answer about the message and the number of its request."""
    query, nonce = timestamp._query(MESSAGE)
    return authority.answer(query), nonce


@pytest.fixture
def served():
    """Give the way to have an answer given at an address of this machine."""
    servers = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                said = answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200 if said else 500)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def anchor(url, certificates):
    return (
        f'[[audit.anchors]]\nname = "authority"\nkind = "core.timestamp"\n'
        f'url = "{url}"\ncertificates = "{certificates}"\n'
    )


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_a_checkpoint_is_kept_with_a_token_that_openssl_verifies(
    anchored, authority, served, tmp_path
):
    _, made = anchored(anchor(served(authority.answer), authority.folder / "root.pem"))

    [outcome] = made.anchored
    assert outcome.kept, outcome.error
    assert (
        abs(
            timestamp.verified_time(b64decode(outcome.receipt), made.note.encode(), authority.root)
            - outcome.at
        ).total_seconds()
        < 60
    )
    note, token = tmp_path / "note", tmp_path / "token"
    note.write_text(made.note)
    token.write_bytes(b64decode(outcome.receipt))
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", note, "-in", token, "-CAfile", "root.pem"],
        cwd=authority.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in done.stdout + done.stderr


@pytest.mark.parametrize("aims_database", ["sqlite"])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda *_: b"", "cannot be reached"),
        (lambda *_: b"<html>", "does not fit"),
        (lambda *_: b"\x30\x82\xff\xff", "does not fit"),
        (lambda query, authority: authority.answer(query)[:-1], "does not fit"),
        (lambda _, authority: authority.answer(timestamp._query(b"other")[0]), "does not fit"),
    ],
)
def test_an_answer_that_is_no_time_stamp_of_this_checkpoint_is_not_kept(
    anchored, authority, served, answer, said
):
    url = served(lambda query: answer(query, authority))

    _, made = anchored(anchor(url, authority.folder / "root.pem"))

    assert not made.anchored[0].kept
    assert said in made.anchored[0].error


@pytest.mark.parametrize("aims_database", ["sqlite"])
@pytest.mark.parametrize(
    ("url", "certificates", "said"),
    [
        ("file:///etc/passwd", "/x", "is no address of a time stamping"),
        ("http://localhost:1/", "", 'needs certificates = "…"'),
        ("http://localhost:1/", "root.pem", "must be an absolute path"),
        ("http://localhost:1/", "/nowhere/root.pem", "cannot be read"),
        ("http://localhost:1/", "{configuration}", "cannot be read"),
        ("http://localhost:1/", "{own}", "must hold a root"),
        ("http://localhost:1/", "{root}", "cannot be reached"),
    ],
)
def test_an_authority_that_cannot_be_asked_or_judged_is_said(
    anchored, authority, url, certificates, said
):
    folder = authority.folder
    files = {
        "configuration": authority.config,
        "own": folder / "tsa.pem",
        "root": folder / "root.pem",
    }

    _, made = anchored(anchor(url, certificates.format(**files)))

    assert said in made.anchored[0].error


def test_only_the_named_authority_will_do(authority, stranger, stamped):
    token, nonce = stamped

    for trusted in (authority.root, authority.root + authority.own):
        assert timestamp.verified_time(token, MESSAGE, trusted, nonce=nonce).utcoffset() is not None
    for trusted in (stranger.root, stranger.root + stranger.own, authority.root + stranger.own):
        with pytest.raises(WorkspaceError, match="does not fit"):
            timestamp.verified_time(token, MESSAGE, trusted)


def test_a_token_is_about_one_message_and_one_request(authority, stamped):
    token, nonce = stamped

    with pytest.raises(WorkspaceError, match="Mismatch between messages"):
        timestamp.verified_time(token, MESSAGE + b".", authority.root)
    with pytest.raises(WorkspaceError, match="Nonce mismatch"):
        timestamp.verified_time(token, MESSAGE, authority.root, nonce=nonce + 1)


def test_a_refusal_is_said_to_be_one(tmp_path):
    other = Authority(tmp_path / "it", digests="sha512")

    with pytest.raises(WorkspaceError, match="it was not granted: rejection: "):
        timestamp.verified_time(other.answer(timestamp._query(MESSAGE)[0]), MESSAGE, other.root)


@given(data=st.data())
def test_no_changed_byte_gives_another_time(authority, stamped, data):
    token, nonce = stamped
    stated = timestamp.verified_time(token, MESSAGE, authority.root, nonce=nonce)
    place = data.draw(st.integers(0, len(token) - 1))
    changed = bytearray(token)
    changed[place] ^= data.draw(st.integers(1, 255))

    try:
        found = timestamp.verified_time(bytes(changed), MESSAGE, authority.root, nonce=nonce)
    except WorkspaceError:
        return

    assert found == stated
