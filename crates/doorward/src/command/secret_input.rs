//! Secrets from the keyboard, unseen, or from standard input.

use std::io::{BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

use crate::failure::{Exit, Failure};

/// One line of standard input.
pub fn line() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::new(Exit::Data, format!("standard input cannot be read: {error}")))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Asked for twice on the terminal, without being shown.
pub fn asked_twice(what: &str) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, "there is no terminal to ask for a password on")
            .hint("give it by --password-stdin, or let one be made by --generate"));
    }
    let first = asked(&format!("{what}: "))?;
    let second = asked(&format!("{what}, once more: "))?;
    if first == second {
        Ok(first)
    } else {
        Err(Failure::new(Exit::Data, "these are two different passwords"))
    }
}

fn asked(prompt: &str) -> Result<String, Failure> {
    let mut terminal = std::io::stderr();
    // Without the prompt there is still the cursor.
    let _ = write!(terminal, "{prompt}").and_then(|()| terminal.flush());
    let _unseen = Unseen::start();
    let line = line();
    let _ = writeln!(terminal);
    line
}

/// While it lives, the terminal does not show what is typed.
struct Unseen;

impl Unseen {
    fn start() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(setting: &str) {
    // Where there is no stty, the password is seen by who types it, and by nobody else.
    let _ = Command::new("stty").arg(setting).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
}
