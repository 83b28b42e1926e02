"""Lesson 16."""

CELLS = []
