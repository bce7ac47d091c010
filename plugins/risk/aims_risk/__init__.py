"""AI risk assessment: likelihood and consequence to a level and a tier, with every factor on record."""
