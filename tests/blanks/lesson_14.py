"""Lesson 14."""

CELLS = []
