"""Pure rules: no framework, no database, no cloud."""
