"""Lesson 10."""

CELLS = []
