"""What a `Provider` is made of: the shape of each part, without any cloud's own data."""
