"""What happens inside a network: what its units like to see, what its layers keep, what it costs."""
