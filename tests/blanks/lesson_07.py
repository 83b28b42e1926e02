"""Lesson 07."""

CELLS = []
