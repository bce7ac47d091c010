"""The database: how it is opened, how writers queue, how its schema moves forward."""
