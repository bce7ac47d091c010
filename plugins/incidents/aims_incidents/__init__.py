"""Incidents of AI systems: opened by breaches, analysed, treated, closed."""
