"""The tables of the simulated AWS."""

from __future__ import annotations

from sandbox.ledger import ledger_table
from sandbox.store import Store

SCHEMA_VERSION = 10
"""Increase it with every change to the tables."""
LEDGER_COLUMNS = ("account_id", "region", "service", "access_key_id")

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    account_id TEXT PRIMARY KEY, quota INTEGER NOT NULL, quota_style TEXT NOT NULL,
    regions_off TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS access_key (
    access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, account_id TEXT NOT NULL, user_name TEXT NOT NULL,
    state TEXT NOT NULL, denied TEXT NOT NULL, session_token TEXT);
CREATE TABLE IF NOT EXISTS role (
    role_arn TEXT PRIMARY KEY, account_id TEXT NOT NULL, principals TEXT NOT NULL, external_id TEXT,
    allows_no_external_id INTEGER NOT NULL, denied TEXT NOT NULL, max_session_s INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS session (
    access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, session_token TEXT NOT NULL, role_arn TEXT NOT NULL,
    session_name TEXT NOT NULL, allowed TEXT NOT NULL, forbidden TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS directory (
    directory_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
    registration_code TEXT NOT NULL, state TEXT NOT NULL, subnet_ids TEXT NOT NULL, users TEXT,
    directory_type TEXT NOT NULL, web_access TEXT NOT NULL, user_identity_type TEXT NOT NULL,
    workspace_type TEXT NOT NULL, saml TEXT NOT NULL, service_type TEXT NOT NULL,
    data_access TEXT NOT NULL, data_access_until REAL);
CREATE TABLE IF NOT EXISTS directory_user (
    directory_id TEXT NOT NULL, user_key TEXT NOT NULL, user_name TEXT NOT NULL, sid TEXT NOT NULL,
    given_name TEXT, surname TEXT, email TEXT, other TEXT NOT NULL, is_enabled INTEGER NOT NULL,
    password_sha256 TEXT, created_at REAL NOT NULL, readable_at REAL NOT NULL, usable_at REAL NOT NULL,
    changed_at REAL NOT NULL, PRIMARY KEY (directory_id, user_key));
CREATE TABLE IF NOT EXISTS client_token (
    token TEXT PRIMARY KEY, call TEXT NOT NULL, sid TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS subnet (
    subnet_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, vpc_id TEXT NOT NULL,
    cidr TEXT NOT NULL, zone TEXT NOT NULL, free INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bundle (
    seq INTEGER PRIMARY KEY, bundle_id TEXT NOT NULL UNIQUE, region TEXT NOT NULL, owner TEXT NOT NULL,
    name TEXT NOT NULL, description TEXT NOT NULL, image_id TEXT NOT NULL, compute TEXT NOT NULL,
    root_gib INTEGER NOT NULL, user_gib INTEGER NOT NULL, os_name TEXT NOT NULL, protocol TEXT NOT NULL,
    state TEXT NOT NULL, bundle_type TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS image (
    seq INTEGER PRIMARY KEY, image_id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL, region TEXT NOT NULL,
    name TEXT NOT NULL, description TEXT NOT NULL, os_type TEXT NOT NULL, state TEXT NOT NULL,
    created_at REAL NOT NULL, workspace_id TEXT, root_version INTEGER, until REAL, then_state TEXT,
    then_code TEXT, then_message TEXT, error_code TEXT, error_message TEXT, deleted_at REAL);
CREATE TABLE IF NOT EXISTS image_tag (
    image_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (image_id, key));
CREATE TABLE IF NOT EXISTS workspace (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL,
    region TEXT NOT NULL, directory_id TEXT NOT NULL, user_name TEXT NOT NULL, user_key TEXT NOT NULL,
    bundle_id TEXT NOT NULL,
    subnet_id TEXT, computer_name TEXT, ip_address TEXT, running_mode TEXT NOT NULL, auto_stop_min INTEGER,
    root_gib INTEGER NOT NULL, user_gib INTEGER NOT NULL, compute TEXT NOT NULL, protocol TEXT NOT NULL,
    os_name TEXT NOT NULL, encryption TEXT NOT NULL, state TEXT NOT NULL, state_since REAL NOT NULL,
    until REAL, then_state TEXT, then_code TEXT, then_message TEXT, error_code TEXT, error_message TEXT,
    launches INTEGER NOT NULL, claim TEXT, made_by TEXT NOT NULL, visible_at REAL NOT NULL,
    tags_visible_at REAL NOT NULL, born_at REAL NOT NULL, terminate_asked_at REAL, gone_at REAL,
    connected INTEGER NOT NULL, last_connected_at REAL,
    grown_at REAL, sized_at REAL, change_resource TEXT, change_state TEXT, change_value TEXT,
    change_until REAL, moved_to TEXT);
CREATE TABLE IF NOT EXISTS disks (
    workspace_id TEXT PRIMARY KEY, root_version INTEGER NOT NULL DEFAULT 0,
    user_version INTEGER NOT NULL DEFAULT 0, files_at REAL, files_version INTEGER, pair_at REAL,
    pair_root_version INTEGER, pair_user_version INTEGER);
CREATE INDEX IF NOT EXISTS workspace_due ON workspace (until) WHERE until IS NOT NULL;
CREATE INDEX IF NOT EXISTS workspace_changes ON workspace (change_until) WHERE change_until IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS one_machine_per_user
    ON workspace (directory_id, user_key) WHERE gone_at IS NULL AND moved_to IS NULL;
CREATE TABLE IF NOT EXISTS tag (
    workspace_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (workspace_id, key));
CREATE TABLE IF NOT EXISTS meter (
    span_id INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, account_id TEXT NOT NULL, region TEXT NOT NULL,
    began_at INTEGER NOT NULL, ended_at INTEGER, power TEXT NOT NULL, running_mode TEXT NOT NULL,
    compute TEXT NOT NULL, root_gib INTEGER NOT NULL, user_gib INTEGER NOT NULL, os_name TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS meter_of_machine ON meter (workspace_id);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_span ON meter (workspace_id) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS load (
    workspace_id TEXT NOT NULL, metric TEXT NOT NULL, hour INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (workspace_id, metric, hour));
CREATE TABLE IF NOT EXISTS tag_meter (
    tag_span_id INTEGER PRIMARY KEY, workspace_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    began_at INTEGER NOT NULL, ended_at INTEGER);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_tag_span ON tag_meter (workspace_id, key) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS price (
    region TEXT NOT NULL, compute TEXT NOT NULL, system TEXT NOT NULL, mode TEXT NOT NULL, part TEXT NOT NULL,
    valid_from TEXT NOT NULL, amount TEXT NOT NULL,
    PRIMARY KEY (region, compute, system, mode, part, valid_from));
CREATE TABLE IF NOT EXISTS bill_terms (
    account_id TEXT PRIMARY KEY, currency TEXT NOT NULL, rate TEXT NOT NULL, payer_id TEXT,
    has_resources INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cost_line (
    line_id INTEGER PRIMARY KEY, account_id TEXT NOT NULL, day INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    amount TEXT NOT NULL, quantity TEXT NOT NULL, count INTEGER NOT NULL, service TEXT NOT NULL,
    region TEXT NOT NULL, usage_type TEXT NOT NULL, record_type TEXT NOT NULL, workspace_id TEXT,
    resource_id TEXT, tags TEXT NOT NULL, visible_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS cost_tag (
    account_id TEXT NOT NULL, key TEXT NOT NULL, is_active INTEGER NOT NULL, updated_at REAL NOT NULL,
    PRIMARY KEY (account_id, key));
CREATE TABLE IF NOT EXISTS cost_tag_span (
    account_id TEXT NOT NULL, key TEXT NOT NULL, began_at INTEGER NOT NULL, ended_at INTEGER);
CREATE TABLE IF NOT EXISTS backfill (
    backfill_id INTEGER PRIMARY KEY, account_id TEXT NOT NULL, back_from INTEGER NOT NULL,
    requested_at REAL NOT NULL, due_at REAL NOT NULL, is_done INTEGER NOT NULL);
"""


def open_store(path: str | None) -> Store:
    """Raises ValueError for a file of another version."""
    return Store(path, schema=SCHEMA + ledger_table(LEDGER_COLUMNS), version=SCHEMA_VERSION)
