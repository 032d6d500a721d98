//! `docs/benchmarks.md`.

use crate::report::{Report, table};

/// The page.
pub fn of(report: &Report) -> String {
    let mut text = format!("{HEAD}\n- Machine: {}.\n", report.machine);
    text.push_str(&format!("- Method: {}. One fdatasync took {:.1} ms.\n", report.method, report.sync_ms));
    for section in &report.sections {
        text.push_str(&format!("\n## {}\n\n{}", section.engine, table(&section.cells(), " | ", " | ")));
        let floors = section.floors.iter().map(|(name, us)| format!("{name} {:.1}", us.best));
        text.push_str(&format!("\nFloors, CPU µs: {}.\n", floors.collect::<Vec<_>>().join(", ")));
        let missed: Vec<String> = section
            .lines
            .iter()
            .filter_map(|line| {
                let judged = line.target.filter(|judged| !judged.is_reached())?;
                let over = (judged.ratio.best / judged.target.times - 1.0) * 100.0;
                Some(format!(
                    "- {}: {over:.0} % over its target. {}\n",
                    line.name,
                    why(section.engine, line.name)
                ))
            })
            .collect();
        if !missed.is_empty() {
            text.push_str(&format!("\nMissed, and why:\n\n{}", missed.concat()));
        }
    }
    let rest = report.rest();
    if !rest.is_empty() {
        text.push_str("\n## Start, memory, growth, overload (SQLite); imports, plans, webhooks\n\n");
        text.extend(rest.iter().map(|line| format!("- {line}\n")));
    }
    text.push_str(FOOT);
    text
}

/// Where the time of a row that misses its target goes.
fn why(engine: &str, row: &str) -> &'static str {
    WHY.iter()
        .find(|(of, name, _)| row.starts_with(name) && (of.is_empty() || *of == engine))
        .map_or("Not looked into yet.", |(_, _, why)| why)
}

const WHY: &[(&str, &str, &str)] = &[
    ("", "JWKS", EDGE),
    ("", "discovery", EDGE),
    (
        "PostgreSQL",
        "client credentials",
        "As on SQLite; and the audit events are sent to the database, sixteen in a statement (not profiled alone).",
    ),
    (
        "",
        "client credentials",
        "Beside signature and bare answer: the audit event about 4 µs (made, encoded, inserted sixteen in a statement; three B-trees are what is left), deciding 3, \
         form, credentials and the limit on failures 3, claims and answer as JSON 2, the edge 3; and where signing \
         makes us slower than the load generator, each answer wakes it, some 5 µs that the bare answer at full rate \
         does not pay.",
    ),
    (
        "PostgreSQL",
        "code exchange",
        "Not profiled alone: the joined read over tokio-postgres costs some 36 µs more than SQLite's (see introspection), the rest is its transaction.",
    ),
    (
        "PostgreSQL",
        "refresh",
        "Not profiled alone: the joined read over tokio-postgres costs some 36 µs more than SQLite's (see introspection), the rest is its transaction.",
    ),
    (
        "",
        "code exchange",
        "The joined read takes 18 µs (every commit of others empties SQLite's page cache), form, credentials and \
         decision 10, and batches are smaller than the floor's 64 while the answers of the one before are still being \
         sent.",
    ),
    (
        "",
        "refresh",
        "The joined read takes 18 µs (every commit of others empties SQLite's page cache), form, credentials and \
         decision 8, and batches are smaller than the floor's 64 while the answers of the one before are still being \
         sent.",
    ),
    (
        "PostgreSQL",
        "introspection",
        "The joined read over tokio-postgres costs some 36 µs more than SQLite's, by the same row there.",
    ),
    (
        "PostgreSQL",
        "userinfo",
        "The joined read over tokio-postgres costs some 34 µs more than SQLite's, by the same row there.",
    ),
    (
        "PostgreSQL",
        "guard",
        "The joined read over tokio-postgres costs some 28 µs more than SQLite's, by the same row there.",
    ),
    (
        "",
        "introspection, JWT, new",
        "As for opaque tokens; beside the verification (50 µs, as its floor), header and claims are read in 7 µs, and \
         each answer wakes the load generator, which sleeps at this rate: 14 µs to send it.",
    ),
    (
        "",
        "introspection",
        "The one joined read over seven tables takes 10 µs in SQLite; its 60 columns become facts \
         in 5; the answer is 2 and the edge 3.",
    ),
    (
        "",
        "userinfo",
        "The joined read of the grant takes 9 µs, its facts 5; beside the verification (50 µs, as its floor), header \
         and claims are read in 7, and each answer wakes the load generator, which sleeps at this rate: 14 µs to send \
         it.",
    ),
    (
        "",
        "guard, new",
        "As seen before; beside the verification (50 µs, as its floor), header, claims and the memory of them take 11 µs, and after so much arithmetic \
         the rest finds the processor's caches empty: reading the state takes 13 µs in place of 7, sending the answer 13 in place of 6.",
    ),
    (
        "",
        "guard",
        "By profile: the joined read of all that the token hangs on takes 7 µs (of these SQLite 2.5, its 60 columns 1.8, facts of them 1.7), sending the \
         answer 6, reading the request 2.6, the edge 3.7, what was asked and the token in it 1.8, the memory of tokens 1, deciding 1.",
    ),
    (
        "",
        "sign-in",
        "Work that is bound by memory, beside other work: argon2id itself runs slower under the load of the rest. What is beside it (three reads, two durable commits, a page) was not profiled alone.",
    ),
];

const EDGE: &str = "Our answers carry eleven more header fields (security, CORS, the request's id), and every request passes the gate \
                    in front of hyper, the mounts and the counters: 2.5 to 3 µs in all.";

const HEAD: &str = "\
# Benchmarks

Written by `cargo bench -p doorward-benches -- --write`; with `DOORWARD_TEST_POSTGRES` naming a server, PostgreSQL is measured too.

- CPU µs: user and system CPU time of the server process per request, the best round, and the median of the rounds.
- bare µs: hyper without us, reading the same request, making the signatures that the target names, and answering as many bytes.
- ratio: what is compared with the target's factor: CPU µs (less what the target adds) over what the target multiplies. Judged by the
  best round, because this is measured on machines that do other work too.
- Requests per second are with the load generator on the same cores.
- A client's token writes an event a moment later: its CPU is in the row.
- The commit of a refresh is one conditional update; that of a code exchange updates its ticket and its grant and writes an event.
  The floor is the same on bare SQLite, 64 in a transaction with `synchronous=FULL`. On PostgreSQL it is the client's CPU of one
  transaction on tokio-postgres; the database's own CPU is not counted in any row.";

const FOOT: &str = "
The rows against other servers come later.
";
