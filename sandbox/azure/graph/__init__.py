"""Microsoft Graph v1.0, as far as users, invitations, groups and domains go."""
