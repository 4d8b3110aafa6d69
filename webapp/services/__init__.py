"""Write side of the doors: one verb a function; check, change, commit, ring. Knows no cloud."""
