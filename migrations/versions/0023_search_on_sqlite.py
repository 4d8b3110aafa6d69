"""an index for searching inside words on SQLite, where it was built with full-text search"""

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "workspace_search"
INDEX = "fts5(company, words, tokenize='trigram', columnsize=0)"
# Words are set apart by two spaces, so that the beginning of a word is three characters too.
COPY = (
    f"INSERT INTO {TABLE} (rowid, company, words) SELECT id, 'co' || company_id || ';',"
    " '  ' || replace(search_text, ' ', '  ') FROM workspaces"
)
AGAIN = f"DELETE FROM {TABLE} WHERE rowid = NEW.id; {COPY} WHERE id = NEW.id;"
SOURCES = "person_key, person_email, username, bundle_name, cloud_workspace_id"
TRIGGERS = {
    # An ordinary row has no names yet: copy_person adds them, which is a change.
    "search_workspaces_new": f"AFTER INSERT ON workspaces WHEN NEW.person_key IS NOT NULL BEGIN {AGAIN} END",
    "search_workspaces_changed": (
        f"AFTER UPDATE OF {SOURCES} ON workspaces WHEN OLD.search_text IS NOT NEW.search_text"
        f" BEGIN {AGAIN} END"
    ),
    "search_workspaces_gone": (
        f"AFTER DELETE ON workspaces BEGIN DELETE FROM {TABLE} WHERE rowid = OLD.id; END"
    ),
}


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE VIRTUAL TABLE {TABLE} USING {INDEX}"))
    except DBAPIError:
        return  # not in this build of SQLite, or older than 3.34: a search reads the company's rows then
    op.execute(COPY)
    for name, body in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {body}")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name}")
    op.execute(f"DROP TABLE IF EXISTS {TABLE}")
