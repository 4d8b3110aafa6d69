"""Warm pools: their desktops made, looked at, given away and ended, under the account's lease."""
