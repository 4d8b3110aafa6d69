"""How large an id can be: both databases store ids as 32-bit numbers."""

LARGEST_ID = 2**31 - 1
