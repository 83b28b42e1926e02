"""Lesson 15."""

CELLS = []
