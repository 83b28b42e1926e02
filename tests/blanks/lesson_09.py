"""Lesson 09."""

CELLS = []
