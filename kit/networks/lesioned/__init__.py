"""Broken networks: lesions, double dissociations, disorders, and treatment."""
