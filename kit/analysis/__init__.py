"""Compare features: from arrays to arrays, knowing neither faces nor networks."""
