"""The words of single error codes, by what they are about; `catalogue` and `causes` have them all."""
