"""The key that signs checkpoints: a file outside the workspace, readable by its owner alone.

Beside it lies a note of what it signed last (``.last``): the key never signs a trail that is not a
continuation of that, so nobody can have a rewritten trail signed by rewriting the database.
"""

import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import scrypt
from pathlib import Path
from typing import Any

from aims_core.audit.notes import PublicKey, Signer, is_key_name, parse_key
from aims_core.errors import WorkspaceError
from aims_core.settings import Settings
from aims_core.whole_files import write_whole

PATH_VARIABLE = "AIMS_AUDIT_KEY"
PASSPHRASE_VARIABLE = "AIMS_AUDIT_PASSPHRASE"  # noqa: S105 - the name of the variable, not what it holds
_KIND = "aims checkpoint key"
_COST = {"n": 1 << 15, "r": 8, "p": 1}
_MEMORY = 64 * 1024 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, kw_only=True, slots=True)
class LastSigned:
    """What a key signed last: number of events and root, 64 hexadecimal characters."""

    size: int
    root: str


def key_path(settings: Settings, origin: str) -> Path:
    """Return where the key lies: ``AIMS_AUDIT_KEY``, ``[audit] key``, or below the user's own settings.

    Raises
    ------
    WorkspaceError
        It is inside the workspace: whoever can rewrite the trail could then sign it too.
    """
    named = os.environ.get(PATH_VARIABLE) or settings.section("audit").get("key", "")
    if not isinstance(named, str):
        raise WorkspaceError(f"aims.toml: audit.key is {named!r}; it must be the path of a file")
    path = Path(named).expanduser() if named else _own_folder() / f"{origin.replace('/', '-')}.key"
    path = (settings.folder / path).resolve()
    if path.is_relative_to(settings.folder.resolve()):
        raise WorkspaceError(
            f"the checkpoint key {path} would lie in the workspace, where whoever rewrites the trail "
            f"could sign it too; name a place elsewhere by {PATH_VARIABLE} or [audit] key"
        )
    return path


def log_origin(settings: Settings, first_leaf: str) -> str:
    """Return the name under which this trail signs: ``[audit] origin``, or one made from its first leaf.

    Raises
    ------
    WorkspaceError
        The configured one is no name (spaces, a plus sign).
    """
    named = settings.section("audit").get("origin") or f"aims-trail/{first_leaf[:16]}"
    if not isinstance(named, str) or not is_key_name(named):
        raise WorkspaceError(
            f"aims.toml: audit.origin is {named!r}; give a name without spaces and plus signs, "
            "such as example.org/aims"
        )
    return named


def new_key(path: Path, origin: str, passphrase: str = "") -> Signer:
    """Make a key, write it to a file that only its owner can read, and return it.

    Raises
    ------
    WorkspaceError
        There is a file already, or it cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    signer = Signer(origin, Ed25519PrivateKey.generate())
    content = {
        "kind": _KIND,
        "public": signer.public.text,
        **_wrapped(signer.private.private_bytes_raw(), signer.public.text, passphrase),
    }
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, f"{json.dumps(content, indent=1)}\n".encode(), mode=0o600)
    except OSError as error:
        raise WorkspaceError.not_written("the checkpoint key", path, error) from error
    return signer


def load_key(path: Path, passphrase: str = "") -> Signer:
    """Return the key in a file.

    Raises
    ------
    WorkspaceError
        There is none, others can read it, it is no key, or the passphrase does not fit.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    content = _content(path)
    try:
        public = parse_key(content["public"])
        raw = _unwrapped(content, public.text, passphrase)
        signer = Signer(public.name, Ed25519PrivateKey.from_private_bytes(raw))
    except (KeyError, TypeError, ValueError) as error:
        raise WorkspaceError(f"{path} is no checkpoint key: {error}") from error
    if signer.public != public:
        raise WorkspaceError(f"{path} holds a private key that is not that of {public.text}")
    return signer


def key_in_file(path: Path) -> PublicKey | None:
    """Return the public key that a file is about, None where there is no such file."""
    if not path.exists():
        return None
    try:
        return parse_key(str(_content(path).get("public")))
    except ValueError as error:
        raise WorkspaceError(f"{path} is no checkpoint key: {error}") from error


def beside(path: Path, ending: str) -> Path:
    """Return the file of a key's further states: ``.next``, ``.last``, ``.retired-…``."""
    return path.with_name(path.name + ending)


def last_signed(path: Path) -> LastSigned | None:
    """Return what the key signed last, None when that was never or is not known."""
    try:
        noted = json.loads(beside(path, ".last").read_text(encoding="utf-8"))
        return LastSigned(size=int(noted["size"]), root=str(noted["root"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{beside(path, '.last')} cannot be read ({error}); compare the trail with the newest "
            "checkpoint kept elsewhere, then delete that file"
        ) from error


def note_signed(path: Path, signed: LastSigned) -> None:
    """Keep what the key signed last.

    Raises
    ------
    WorkspaceError
        It cannot be written; what was kept before stands.
    """
    noted, text = beside(path, ".last"), json.dumps({"size": signed.size, "root": signed.root})
    try:
        write_whole(noted, f"{text}\n".encode(), replace=True)
    except OSError as error:
        raise WorkspaceError.not_written("what the key signed last", noted, error) from error


def _own_folder() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configured) if configured else Path.home() / ".config") / "aims"


def _content(path: Path) -> Mapping[str, Any]:
    try:
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise WorkspaceError(
                f"the checkpoint key {path} can be read by others; run: chmod 600 '{path}'"
            )
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WorkspaceError(
            f"there is no checkpoint key at {path}; make one with `aims audit key`, or name the file "
            f"by {PATH_VARIABLE} or [audit] key"
        ) from None
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"the checkpoint key {path} cannot be read: {error}") from error
    if not isinstance(content, dict) or content.get("kind") != _KIND:
        raise WorkspaceError(f"{path} is no checkpoint key of AIMS")
    return content


def _wrapped(raw: bytes, public: str, passphrase: str) -> dict[str, Any]:
    if not passphrase:
        return {"private": b64encode(raw).decode()}
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = scrypt(passphrase.encode(), salt=salt, dklen=32, maxmem=_MEMORY, **_COST)
    return {
        "scrypt": {**_COST, "salt": b64encode(salt).decode()},
        "nonce": b64encode(nonce).decode(),
        "wrapped": b64encode(AESGCM(key).encrypt(nonce, raw, public.encode())).decode(),
    }


def _unwrapped(content: Mapping[str, Any], public: str, passphrase: str) -> bytes:
    if "private" in content:
        return b64decode(content["private"], validate=True)
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not passphrase:
        raise WorkspaceError(
            f"the checkpoint key {public} is locked; give its passphrase ({PASSPHRASE_VARIABLE})"
        )
    cost = content["scrypt"]
    if any(int(cost[name]) > most for name, most in _COST.items()):
        raise ValueError("its scrypt parameters are beyond what this product writes")
    key = scrypt(
        passphrase.encode(),
        salt=b64decode(cost["salt"]),
        dklen=32,
        maxmem=_MEMORY,
        **{name: int(cost[name]) for name in _COST},
    )
    try:
        wrapped = b64decode(content["wrapped"])
        return AESGCM(key).decrypt(b64decode(content["nonce"]), wrapped, public.encode())
    except InvalidTag:
        raise WorkspaceError("the passphrase does not open the checkpoint key") from None
