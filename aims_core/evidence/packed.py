"""The beginning of compressed content, unpacked no further than a limit: never a whole bomb."""

import bz2
import lzma
import zlib

_GZIP, _BZIP2, _XZ, _LZMA = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x5d\x00\x00"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_MEMORY = 64 << 20
_WITH_GZIP_HEADER = 31


def beginning(packed: bytes, most: int) -> bytes:
    """Return up to `most` bytes of what gzip, zlib, bzip2 or xz content holds; empty for any other."""
    try:
        if packed.startswith(_GZIP):
            return zlib.decompressobj(_WITH_GZIP_HEADER).decompress(packed, most)
        if packed.startswith(_ZLIB):
            return zlib.decompressobj().decompress(packed, most)
        if packed.startswith(_BZIP2):
            return bz2.BZ2Decompressor().decompress(packed, most)
        if packed.startswith((_XZ, _LZMA)):
            return lzma.LZMADecompressor(memlimit=_MEMORY).decompress(packed, most)
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError):
        return b""
    return b""
