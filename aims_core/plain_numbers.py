"""Numbers as people read them: in tables, pictures and sentences alike."""

_WHOLE_FROM = 9_999.5  # from here on four digits would take a power of ten


def plain_number(value: float) -> str:
    """Return a number in four digits, and a large one whole with its thousands parted.

    ``0.8333``, ``9,876``, ``123,457``: no power of ten stands for a number that people write out. Very small
    ones keep theirs (``1.2e-07``).
    """
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:,.4g}"
