"""Lesson 11."""

CELLS = []
