"""A course that grades itself: hand-ins run apart from the tests that judge them, many at a time."""
