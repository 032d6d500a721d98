//! `apply` and `export`.

use std::io::Read;
use std::path::Path;

use super::ask;
use crate::cli::{Apply, Export};
use crate::failure::{Exit, Failure};
use crate::operator::Order;

/// `apply`.
pub async fn apply(command: Apply) -> Result<(), Failure> {
    let document = read(&command.file)?;
    let order = Order::Apply { document, dry_run: command.dry_run, prune: command.prune };
    ask::ask(&command.common, order).await.map_err(|failure| named(failure, &command.file))
}

/// `export`.
pub async fn export(command: Export) -> Result<(), Failure> {
    ask::ask(&command.common, Order::Export { tenant: command.tenant }).await
}

/// Reads a file, or standard input.
pub fn read(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_bytes(path)?)
        .map_err(|_| Failure::new(Exit::Data, format!("cannot read {}: it is not UTF-8", path.display())))
}

/// The same of what need not be UTF-8.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NotFound } else { Exit::Data };
        Failure::new(exit, format!("cannot read {}: {error}", path.display()))
    })
}

/// What is wrong with a document is told with the file's name.
pub fn named(failure: Failure, path: &Path) -> Failure {
    if failure.exit != Exit::Data {
        return failure;
    }
    let place =
        if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
    let mut lines = failure.message.lines();
    let message = match (lines.next(), lines.next()) {
        (Some(only), None) => format!("{place}: {only}"),
        _ => format!("{place}:\n  {}", failure.message.replace('\n', "\n  ")),
    };
    Failure { message, ..failure }
}
