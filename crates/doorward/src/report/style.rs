//! Colours, on a terminal only, and never when `NO_COLOR` is set.

use std::io::IsTerminal;
use std::sync::OnceLock;

/// `text` in green.
pub fn good(text: &str) -> String {
    paint("32", text)
}

/// `text` in red.
pub fn bad(text: &str) -> String {
    paint("31", text)
}

/// `text` in yellow.
pub fn note(text: &str) -> String {
    paint("33", text)
}

/// `text` in bold.
pub fn strong(text: &str) -> String {
    paint("1", text)
}

/// `text` dimmed.
pub fn quiet(text: &str) -> String {
    paint("2", text)
}

fn paint(code: &str, text: &str) -> String {
    if is_on() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

fn is_on() -> bool {
    static ON: OnceLock<bool> = OnceLock::new();
    *ON.get_or_init(|| {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        std::io::stdout().is_terminal()
            && !unwanted
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    })
}
