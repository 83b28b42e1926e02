"""Lesson 05."""

CELLS = []
