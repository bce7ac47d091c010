"""What content is, told from its bytes; nothing of it is run, loaded or unpacked beyond a limit."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core.evidence.media import sniff
from aims_core.evidence.packed import beginning
from aims_core.evidence.pickles import pickle_mark


class Bomb:
    """Would leave a trace, were it ever loaded."""

    exploded = False

    def __reduce__(self):
        return exec, ("import tests_must_not_load_this",)


def of(tmp_path, name, content):
    path = tmp_path / "content"
    path.write_bytes(content)
    return sniff(path, name)


def zipped(**entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.parquet", b"PAR1....PAR1", "application/vnd.apache.parquet"),
        ("a.csv", b"case,passed\n1,yes\n", "text/csv"),
        ("a.csv", "größe;1\n".encode("cp1252"), "text/csv"),
        ("a.txt", b"plain", "text/plain"),
        ("a.txt", "\ufeffplain".encode("utf-16"), "text/plain"),
        ("a.md", b"# Title", "text/markdown"),
        ("a.json", b'{"a": 1}', "application/json"),
        ("a.ipynb", b'{"cells": [], "nbformat": 4}', "application/x-ipynb+json"),
        ("a.html", b"<!DOCTYPE html><p>x", "text/html"),
        ("a.svg", b"<?xml version='1.0'?><svg/>", "image/svg+xml"),
        ("a.toml", b"a = 1", "application/toml"),
        ("nothing", b"said", "text/plain"),
        ("nothing", b"\x00\x01\x02", "application/octet-stream"),
        ("a.zip", zipped(a="x"), "application/zip"),
        ("a.docx", zipped(word__document_dot_xml="x"), None),
        ("a.xlsx", zipped(xl__workbook_dot_xml="x"), None),
    ],
)
def test_it_is_told_from_the_content_and_a_fitting_name_leaves_no_mark(
    tmp_path, name, content, media_type
):
    told = of(tmp_path, name, content)

    assert dict(told.marks) == {}
    if media_type is None:
        assert told.media_type.startswith("application/vnd.openxmlformats-officedocument.")
    else:
        assert told.media_type == media_type


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("report.pdf", b"<!doctype html><script>x</script>", "text/html"),
        ("report.pdf", b"MZ\x90\x00", "application/x-msdownload"),
        ("photo.png", b"%PDF-1.4", "application/pdf"),
        ("data.csv", b"PK\x03\x04 no zip", "application/zip"),
        ("data.json", b"not json at all", "text/plain"),
        ("notes.txt", b"\x00\x01", "application/octet-stream"),
        ("weights.safetensors", pickle.dumps([1]), "application/x-python-pickle"),
    ],
)
def test_a_name_that_claims_something_else_is_noted(tmp_path, name, content, found):
    told = of(tmp_path, name, content)

    assert told.media_type == found
    assert found in told.marks["type_mismatch"]


def test_programs_scripts_and_macros_are_marked(tmp_path):
    assert "executable" in of(tmp_path, "a", b"\x7fELF").marks
    assert "executable" in of(tmp_path, "a.sh", b"#!/bin/sh\n").marks
    assert "active_content" in of(tmp_path, "a.svg", b"<svg><SCRIPT>x</script></svg>").marks
    macros = zipped(word__document_dot_xml="x", word__vbaProject_dot_bin="x")
    assert "active_content" in of(tmp_path, "a.docx", macros).marks


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_each_protocol_is_recognised_without_loading_it(tmp_path, protocol):
    told = of(tmp_path, "model.pkl", pickle.dumps(Bomb(), protocol=protocol))

    assert told.media_type == "application/x-python-pickle"
    assert "exec" in told.marks["pickle"]
    assert "it imports builtins.exec" in told.marks["pickle"] or protocol < 3
    assert "type_mismatch" not in told.marks


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, bz2.compress, lzma.compress], ids=lambda f: f.__module__
)
def test_a_packed_pickle_is_seen_through(tmp_path, pack):
    told = of(tmp_path, "model.joblib", pack(pickle.dumps(Bomb())))

    assert "exec" in told.marks["pickle"]


def test_a_pickle_inside_an_archive_or_an_array_is_seen(tmp_path):
    torch = zipped(archive__data_dot_pkl=pickle.dumps(Bomb()), archive__version="3")
    told = of(tmp_path, "model.pt", torch)
    assert told.media_type == "application/x-pytorch"
    assert "data.pkl" in told.marks["pickle"]
    assert "exec" in told.marks["pickle"]

    array, bundle = io.BytesIO(), io.BytesIO()
    np.save(array, np.array([Bomb()], dtype=object), allow_pickle=True)
    np.savez(bundle, a=np.array([Bomb()], dtype=object))
    assert "array of objects" in of(tmp_path, "a.npy", array.getvalue()).marks["pickle"]
    assert "array of objects" in of(tmp_path, "a.npz", bundle.getvalue()).marks["pickle"]
    plain = io.BytesIO()
    np.save(plain, np.arange(3))
    assert dict(of(tmp_path, "a.npy", plain.getvalue()).marks) == {}


def test_names_hidden_through_the_memo_are_found():
    hidden = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x30\x30h\x00h\x01\x93\x8c\x02ls\x85R."

    assert "posix.system" in pickle_mark(hidden)


def test_prose_is_no_pickle():
    for prose in (b"", b".", b"cats are\nfine.", b"I.", b"N.", b"Is it good? Yes.\n", b"(lp0\n."):
        assert pickle_mark(prose) == ""


def test_a_bomb_is_unpacked_no_further_than_asked(tmp_path):
    bomb = zlib.compress(b"\x00" * 200_000_000, level=9)

    assert len(beginning(bomb, 1_000)) == 1_000
    zip_bomb = io.BytesIO()
    with zipfile.ZipFile(zip_bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.pkl", b"\x00" * 50_000_000)
    told = of(tmp_path, "bomb.zip", zip_bomb.getvalue())
    assert "could not be looked into" in told.marks["pickle"]


@given(st.binary(max_size=400), st.sampled_from(["a.pkl", "a.csv", "a.zip", "a.json", "a"]))
def test_no_content_breaks_the_sniffing(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("any") / "content"
    for start in (b"", b"\x80\x04", b"PK\x03\x04", b"\x1f\x8b", b"\x93NUMPY"):
        path.write_bytes(start + content)

        told = sniff(path, name)

        assert told.media_type
        json.dumps(dict(told.marks))
