"""Lesson 06."""

CELLS = []
