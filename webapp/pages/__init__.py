"""The pages: one noun per file, with its forms. Views parse, call a service or a query, and respond."""

from flask import Flask

from webapp.pages import (
    account,
    accounts,
    applications,
    assets,
    board,
    budgets,
    calendar,
    capacity,
    contract_defaults,
    contracts,
    costs,
    csv_files,
    desktops,
    digests,
    errors,
    headers,
    health,
    home,
    identity_provider,
    invitations,
    job_postings,
    language,
    mails,
    metrics,
    operator,
    orphans,
    own_data,
    passkey_sign_in,
    passkeys,
    passwords,
    people,
    profile_orders,
    profiles,
    proofs,
    reference,
    removal,
    running_modes,
    second_factor,
    sessions,
    shell,
    single_sign_on,
    start,
    starts_and_ends,
    tokens,
    trail,
    webhooks,
)
from webapp.pages.cohorts import views as cohorts
from webapp.pages.credentials import bundles, pools, retired
from webapp.pages.credentials import snapshots as disk_snapshots
from webapp.pages.credentials import views as credentials
from webapp.pages.workspaces import (
    bringing_back,
    bulk,
    creating_now,
    first_passwords,
    hand_overs,
    help_requests,
    moves,
    orders,
    record_list,
    resizing,
    restores,
    system_images,
    undoing,
    working_on,
)
from webapp.pages.workspaces import records as end_records
from webapp.pages.workspaces import reports as workspace_reports
from webapp.pages.workspaces import views as workspaces

BLUEPRINTS = (
    home.bp,
    start.bp,
    starts_and_ends.bp,
    health.bp,
    metrics.bp,
    assets.bp,
    account.bp,
    second_factor.bp,
    own_data.bp,
    calendar.bp,
    digests.bp,
    removal.bp,
    running_modes.bp,
    passkeys.bp,
    proofs.bp,
    accounts.bp,
    passkey_sign_in.bp,
    single_sign_on.bp,
    passwords.bp,
    people.bp,
    identity_provider.bp,
    invitations.bp,
    credentials.bp,
    retired.bp,
    moves.bp,
    bundles.bp,
    pools.bp,
    disk_snapshots.bp,
    workspaces.bp,
    undoing.bp,
    hand_overs.bp,
    resizing.bp,
    restores.bp,
    system_images.bp,
    bringing_back.bp,
    first_passwords.bp,
    bulk.bp,
    working_on.bp,
    creating_now.bp,
    workspace_reports.bp,
    end_records.bp,
    record_list.bp,
    orders.bp,
    cohorts.bp,
    orphans.bp,
    job_postings.bp,
    applications.bp,
    contract_defaults.bp,
    profiles.bp,
    profile_orders.bp,
    contracts.bp,
    board.bp,
    desktops.bp,
    help_requests.bp,
    tokens.bp,
    webhooks.bp,
    mails.bp,
    trail.bp,
    operator.bp,
    costs.bp,
    budgets.bp,
    capacity.bp,
    csv_files.bp,
    reference.bp,
)


def register(app: Flask) -> None:
    """Register every page blueprint with the app, and what surrounds them."""
    assets.register(app)
    headers.register(app)
    errors.register(app)
    language.register(app)
    sessions.register(app)
    shell.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
