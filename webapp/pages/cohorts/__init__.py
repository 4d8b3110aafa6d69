"""Group orders: choose, review, order, watch."""
