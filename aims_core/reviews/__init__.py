"""Reviews: may each system be where it is? One system, or the whole inventory at once."""

from aims_core.reviews.reviews import Review, Reviews

__all__ = ["Review", "Reviews"]
