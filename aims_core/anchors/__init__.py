"""Places that keep checkpoints where the writers of the trail cannot reach them.

Each module has one function ``keep(checkpoint, options)``, called after the checkpoint is on record. What
it raises is recorded and shown; the checkpoint stays.
"""
