"""Request and response schemas, one noun per file. The OpenAPI document is generated from them."""
