"""Lesson 01."""

CELLS = []
