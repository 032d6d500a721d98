//! Where log lines go: standard error, for people on a terminal, else one JSON object a line.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use crate::failure::{Exit, Failure};

/// Starts logging. `format` is `auto`, `human` or `json`; `level` are directives.
pub fn start(format: &str, level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::builder().parse(level).map_err(|error| {
        Failure::new(Exit::Config, format!("log.level: {error}"))
            .hint("such as info, or warn,doorward_store=debug")
    })?;
    let human = match format {
        "human" => true,
        "json" => false,
        _ => std::io::stderr().is_terminal(),
    };
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_timer(SystemTime);
    // A second start in one process (tests) keeps the first.
    let _ = if human {
        lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).compact().try_init().is_ok()
    } else {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init().is_ok()
    };
    doorward_web::telemetry::install_panic_hook();
    Ok(())
}
