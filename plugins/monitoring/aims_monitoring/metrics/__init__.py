"""The figures that are derived from profiles, one room per question they answer."""
