"""Cloud accounts: their credentials, tests and sizes of desktop."""
