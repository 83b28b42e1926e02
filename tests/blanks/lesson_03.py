"""Lesson 03."""

CELLS = []
