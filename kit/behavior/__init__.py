"""Who judges the faces: simulated observers with a known strategy, and tables of ratings."""
