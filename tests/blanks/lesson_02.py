"""Lesson 02."""

CELLS = []
