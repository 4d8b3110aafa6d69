"""Write side of the entry points: one verb a function; check, change, commit, ring. Knows no cloud."""
