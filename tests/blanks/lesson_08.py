"""Lesson 08."""

CELLS = []
