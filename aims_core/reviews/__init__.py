"""Reviews: may each system be where it is, and was each that runs looked at in time."""

from aims_core.reviews.periodic import PeriodicReview
from aims_core.reviews.reviews import Review, Reviews
from aims_core.reviews.schedule import ReviewDate, Schedule

__all__ = ["PeriodicReview", "Review", "ReviewDate", "Reviews", "Schedule"]
