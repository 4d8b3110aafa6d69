"""The fields of a cloud account, one module per cloud; `domain/cloud_fields.py` is the table."""
