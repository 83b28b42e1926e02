"""Words and faces: grounding, development, and the senses."""
