//! The database behind a server, asked directly: what no caller can see, and what a burglar would do.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection};

/// A connection of the test's own.
#[derive(diesel::MultiConnection)]
pub(crate) enum Sql {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Sql {
    /// Opens the database of this URL.
    #[track_caller]
    pub(crate) fn open(url: &str) -> Self {
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                let mut conn = SqliteConnection::establish(file).unwrap();
                // Longer than the service itself waits: whoever writes meanwhile may be slow.
                conn.batch_execute("PRAGMA busy_timeout = 60000; PRAGMA foreign_keys = ON")
                    .unwrap();
                Self::Sqlite(conn)
            }
            None => Self::Postgres(PgConnection::establish(url).unwrap()),
        }
    }

    /// Runs statements.
    #[track_caller]
    pub(crate) fn run(&mut self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Runs statements, or says why the database refuses to.
    pub(crate) fn try_run(&mut self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        }
        .map_err(|error| error.to_string())
    }

    /// Begins a transaction that keeps whoever changes something waiting, until it is ended by
    /// [`Sql::release`]: every change has its entry in the audit log.
    #[track_caller]
    pub(crate) fn hold(&mut self) {
        let lock = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN; LOCK TABLE audit_heads IN EXCLUSIVE MODE",
        };
        self.run(lock);
    }

    /// Lets those go on that wait for [`Sql::hold`].
    #[track_caller]
    pub(crate) fn release(&mut self) {
        self.run("COMMIT");
    }

    /// The values of a query that has one column, a text called `line`.
    #[track_caller]
    pub(crate) fn lines(&mut self, sql: &str) -> Vec<String> {
        let query = diesel::sql_query(sql);
        let rows: Vec<Line> = match self {
            Self::Sqlite(conn) => query.load(conn),
            Self::Postgres(conn) => query.load(conn),
        }
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|Line { line }| line).collect()
    }

    /// The names of its tables.
    #[track_caller]
    pub(crate) fn tables(&mut self) -> Vec<String> {
        let catalog = match self {
            Self::Sqlite(_) => {
                "SELECT name AS line FROM sqlite_master WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
            }
            Self::Postgres(_) => {
                "SELECT relname::text AS line FROM pg_class WHERE relkind IN ('r', 'p') \
                 AND relnamespace = 'public'::regnamespace AND NOT relispartition AND relname NOT LIKE '\\_\\_%' \
                 ORDER BY relname COLLATE \"C\""
            }
        };
        self.lines(catalog)
    }

    /// Waits until the service has kept the files of what is final, which it does behind.
    #[track_caller]
    pub(crate) fn archived(&mut self) {
        let done = || {
            let left = self.lines("SELECT CAST(count(*) AS TEXT) AS line FROM archive_queue");
            (left == ["0"]).then_some(())
        };
        palier_tests::wait_for(std::time::Duration::from_mins(1), done).expect("files are kept");
    }

    /// How many rows each table has: `members 3`.
    #[track_caller]
    pub(crate) fn counts(&mut self) -> Vec<String> {
        let tables = self.tables();
        let count = |table: String| {
            let rows = self.lines(&format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}"));
            format!("{table} {}", rows[0])
        };
        tables.into_iter().map(count).collect()
    }
}
