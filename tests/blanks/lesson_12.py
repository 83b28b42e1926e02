"""Lesson 12."""

CELLS = []
