"""What is shown and what may be done, as plain values; nothing here imports a widget."""
