//! Statements: named constants, one text for both engines, all in one list that the parity test prepares on both.
//!
//! Parameters are written `$1`, `$2`, … SQLite would number those by first appearance and swap them silently, so it is sent
//! `?1`, `?2`, …, rewritten when the server is compiled.

/// A statement of SQL.
#[derive(Debug)]
pub struct Statement {
    /// Its name, as faults, metrics and tests say it.
    pub name: &'static str,
    /// Its text with `$n` parameters.
    pub sql: &'static str,
    /// The same text with `?n` parameters.
    pub sqlite: &'static str,
    /// Which rows it can reach.
    pub reach: Reach,
}

/// Which rows a statement can reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Rows of the one tenant that it names.
    Tenant,
    /// Rows of every tenant, or of none; and why that is right.
    Server(&'static str),
}

impl Statement {
    /// Whether it names the tenant whose rows it reaches.
    pub const fn is_tenants(&self) -> bool {
        matches!(self.reach, Reach::Tenant)
    }
}

/// Declares statements and `ALL`, the list of those declared here. [`all`] joins the lists of all modules. A text can have parts, which
/// are set apart by a space: what several statements say stands once, as a constant or by [`repeated!`].
///
/// ```text
/// statements! {
///     /// What it does.
///     pub GRANT_END = tenant "UPDATE …";
///     /// What it does.
///     pub USER = tenant "SELECT", COLUMNS, "FROM users WHERE tenant = $1 AND id = $2";
///     /// What it does.
///     pub REAP_TICKETS = server("the reaper serves every tenant") "DELETE …";
/// }
/// ```
macro_rules! statements {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $reach:ident $(($why:literal))? $first:literal $(, $more:expr)*;)*) => {
        $(
            $(#[$doc])*
            $vis static $name: $crate::statement::Statement = {
                const SQL: &str = $crate::statement::joined!($first $(, $more)*);
                static SQLITE: [u8; SQL.len()] = $crate::statement::numbered(SQL);
                $crate::statement::Statement {
                    name: stringify!($name),
                    sql: SQL,
                    sqlite: $crate::statement::text(&SQLITE),
                    reach: statements!(@reach $reach $($why)?),
                }
            };
        )*

        /// The statements of this module.
        pub(crate) static ALL: &[&$crate::statement::Statement] = &[$(&$name),*];
    };
    (@reach tenant) => { $crate::statement::Reach::Tenant };
    (@reach server $why:literal) => { $crate::statement::Reach::Server($why) };
}
pub(crate) use statements;

/// Parts of a text as one, set apart by a space.
macro_rules! joined {
    ($($part:expr),+) => {{
        const PARTS: &[&str] = &[$($part),+];
        const LENGTH: usize = $crate::statement::join(PARTS, &mut []);
        const BYTES: [u8; LENGTH] = {
            let mut bytes = [0; LENGTH];
            $crate::statement::join(PARTS, &mut bytes);
            bytes
        };
        $crate::statement::text(&BYTES)
    }};
}
pub(crate) use joined;

/// Columns of a table under names that no column of another table has: `"id, data"` of `users` is
/// `users.id AS users_id, users.data AS users_data`.
macro_rules! columns_of {
    ($table:expr, $columns:expr) => {{
        const LENGTH: usize = $crate::statement::qualify($table, $columns, &mut []);
        const BYTES: [u8; LENGTH] = {
            let mut bytes = [0; LENGTH];
            $crate::statement::qualify($table, $columns, &mut bytes);
            bytes
        };
        $crate::statement::text(&BYTES)
    }};
}
pub(crate) use columns_of;

/// A text so many times, parted by commas, in which each `$` stands for the next parameter, from `$first` on: the rows of a statement that
/// writes many, the names of one that reads many.
macro_rules! repeated {
    ($template:expr, $times:expr, from $first:expr) => {{
        const LENGTH: usize = $crate::statement::repeat($template, $times, $first, &mut []);
        const BYTES: [u8; LENGTH] = {
            let mut bytes = [0; LENGTH];
            $crate::statement::repeat($template, $times, $first, &mut bytes);
            bytes
        };
        $crate::statement::text(&BYTES)
    }};
}
pub(crate) use repeated;

/// Every statement.
pub fn all() -> impl Iterator<Item = &'static Statement> {
    LISTS.iter().flat_map(|list| list.iter().copied())
}

/// The lists of all modules.
static LISTS: &[&[&Statement]] = &[
    crate::administrators::ALL,
    crate::answers::ALL,
    crate::apis::ALL,
    crate::audiences::ALL,
    crate::clients::ALL,
    crate::consents::ALL,
    crate::contexts::ALL,
    crate::counts::ALL,
    crate::credentials::ALL,
    crate::driver::postgres::STATEMENTS,
    crate::epoch::ALL,
    crate::events::ALL,
    crate::extensions::ALL,
    crate::factors::ALL,
    crate::grant_lists::ALL,
    crate::grants::ALL,
    crate::imports::ALL,
    crate::history::ALL,
    crate::holders::ALL,
    crate::incidents::ALL,
    crate::installation_secrets::ALL,
    crate::installations::ALL,
    crate::issuers::ALL,
    crate::keys::ALL,
    crate::logouts::ALL,
    crate::memberships::ALL,
    crate::meta::ALL,
    crate::outbox::ALL,
    crate::roles::ALL,
    crate::seal::data_key::ALL,
    crate::sessions::ALL,
    crate::tenants::ALL,
    crate::throttle::ALL,
    crate::tickets::ALL,
    crate::users::ALL,
    crate::webhooks::ALL,
    crate::webhooks::executions::ALL,
    crate::webhooks::held::ALL,
    crate::webhooks::keys::ALL,
    crate::webhooks::log::ALL,
    crate::webhooks::queue::ALL,
    crate::webhooks::turn::ALL,
    crate::worker::belonging::ALL,
    crate::worker::lease::ALL,
    crate::worker::mark::ALL,
    crate::worker::poller::ALL,
    crate::worker::reaper::ALL,
];

/// Writes [`joined!`] as far as there is room; how long it is.
pub(crate) const fn join(parts: &[&str], to: &mut [u8]) -> usize {
    let (mut length, mut part) = (0, 0);
    while part < parts.len() {
        if part > 0 {
            length = put(to, length, b" ");
        }
        length = put(to, length, parts[part].as_bytes());
        part += 1;
    }
    length
}

/// Writes [`columns_of!`] as far as there is room; how long it is.
pub(crate) const fn qualify(table: &str, columns: &str, to: &mut [u8]) -> usize {
    let (table, columns) = (table.as_bytes(), columns.as_bytes());
    let (mut length, mut at) = (0, 0);
    while at < columns.len() {
        let mut end = at;
        while end < columns.len() && columns[end] != b',' {
            end += 1;
        }
        let column = columns.split_at(end).0.split_at(at).1.trim_ascii();
        if at > 0 {
            length = put(to, length, b", ");
        }
        length = put(to, length, table);
        length = put(to, length, b".");
        length = put(to, length, column);
        length = put(to, length, b" AS ");
        length = put(to, length, table);
        length = put(to, length, b"_");
        length = put(to, length, column);
        at = end + 1;
    }
    length
}

/// Writes [`repeated!`] as far as there is room; how long it is.
pub(crate) const fn repeat(template: &str, times: usize, first: usize, to: &mut [u8]) -> usize {
    let template = template.as_bytes();
    let (mut length, mut number, mut time) = (0, first, 0);
    while time < times {
        if time > 0 {
            length = put(to, length, b", ");
        }
        let mut at = 0;
        while at < template.len() {
            length = put(to, length, &[template[at]]);
            if template[at] == b'$' {
                length = put_number(to, length, number);
                number += 1;
            }
            at += 1;
        }
        time += 1;
    }
    length
}

const fn put_number(to: &mut [u8], mut at: usize, number: usize) -> usize {
    if number > 9 {
        at = put_number(to, at, number / 10);
    }
    put(to, at, &[b"0123456789"[number % 10]])
}

/// Writes `bytes` at `at` as far as there is room; the place behind them.
const fn put(to: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    let mut next = 0;
    while next < bytes.len() {
        if at + next < to.len() {
            to[at + next] = bytes[next];
        }
        next += 1;
    }
    at + next
}

/// `$n` as `?n`, outside of quoted text.
pub(crate) const fn numbered<const N: usize>(sql: &str) -> [u8; N] {
    let from = sql.as_bytes();
    let mut to = [0; N];
    let mut quoted = false;
    let mut at = 0;
    while at < N {
        if from[at] == b'\'' {
            quoted = !quoted;
        }
        let parameter = from[at] == b'$' && !quoted && at + 1 < N && from[at + 1].is_ascii_digit();
        to[at] = if parameter { b'?' } else { from[at] };
        at += 1;
    }
    to
}

/// Bytes of [`numbered`] as text.
pub(crate) const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("only ASCII bytes of a text were replaced"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    statements! {
        SWAPPED = server("a test's own") "SELECT $2, '$1 $', $1, 'it''s $3', $10";
        /// In parts.
        PARTS = tenant "INSERT INTO x (", COLUMNS, ") VALUES", repeated!("($, '', $)", 6, from 1);
        NAMES = tenant "SELECT", COLUMNS, "FROM x WHERE tenant = $1 AND b IN (", repeated!("$", 3, from 2), ")";
    }

    const COLUMNS: &str = "a, b";

    #[test]
    fn columns_of_a_table_are_named_after_it() {
        assert_eq!(columns_of!("x", COLUMNS), "x.a AS x_a, x.b AS x_b");
        assert_eq!(columns_of!("x", "a,\n    b"), "x.a AS x_a, x.b AS x_b");
    }

    #[test]
    fn parts_are_joined_and_repetitions_numbered() {
        assert_eq!(
            ALL[1].sql,
            "INSERT INTO x ( a, b ) VALUES ($1, '', $2), ($3, '', $4), ($5, '', $6), ($7, '', $8), ($9, '', $10), ($11, '', $12)"
        );
        assert_eq!(ALL[2].sql, "SELECT a, b FROM x WHERE tenant = $1 AND b IN ( $2, $3, $4 )");
        assert_eq!(ALL[2].sqlite, "SELECT a, b FROM x WHERE tenant = ?1 AND b IN ( ?2, ?3, ?4 )");
    }

    #[test]
    fn parameters_are_renumbered_for_sqlite_outside_of_quoted_text() {
        assert_eq!(ALL[0].sqlite, "SELECT ?2, '$1 $', ?1, 'it''s $3', ?10");
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let sql = "SELECT $2, $1";
        let bytes: [u8; 13] = numbered(sql);
        let sql = std::str::from_utf8(&bytes).unwrap();
        let row = connection.query_row(sql, [10, 20], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(row.unwrap(), (20, 10), "as PostgreSQL answers");
    }
}
