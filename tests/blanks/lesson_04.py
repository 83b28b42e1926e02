"""Lesson 04."""

CELLS = []
