"""Real servers for the tests: each starts in about a second, and ends even when the tests are killed."""
