"""Richer neurons: synapses that are redrawn, spikes, and processes of the brain."""
