"""Make faces, wrap networks, and compare the features that people and networks use."""

__version__ = "0.1.0"
