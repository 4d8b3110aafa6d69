"""Read side: selects inside one company, in a total order. Never writes, never commits."""
