"""Images of desktops' systems: comparing them with the account, having them created, and deleting them."""
