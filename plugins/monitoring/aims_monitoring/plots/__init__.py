"""Pictures of what monitors measured, as SVG that is read aloud, printed and told apart without colour."""
