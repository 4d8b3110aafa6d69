"""What desktops cost. Estimated (price × time) and billed (what the cloud's bill says) are never mixed."""
