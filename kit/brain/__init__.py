"""Brains that look at faces: *simulated* fMRI, EEG and spikes whose codes are known, and what reads them out."""
