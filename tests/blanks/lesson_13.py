"""Lesson 13."""

CELLS = []
