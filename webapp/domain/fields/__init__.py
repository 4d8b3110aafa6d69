"""What people fill in about a cloud account, one module a cloud; `domain/cloud_fields.py` is the table."""
