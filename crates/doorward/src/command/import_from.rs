//! `import`: what another system keeps in files, as a state.

use super::{apply, write_private};
use crate::cli::{ImportFrom, ImportMagic};
use crate::failure::{Exit, Failure};
use crate::import::{magic, properties};
use crate::operator::document;
use crate::{output, report};

/// `import …`.
pub fn run(command: ImportFrom) -> Result<(), Failure> {
    match command {
        ImportFrom::Magic(command) => of_magic(&command),
    }
}

fn of_magic(command: &ImportMagic) -> Result<(), Failure> {
    let bytes = apply::read_bytes(&command.file)?;
    let found = properties::read(&bytes).map_err(|bad| Failure::new(Exit::Data, bad.to_string()));
    let found = found.map_err(|failure| apply::named(failure, &command.file))?;
    if !magic::is_theirs(&found) {
        return Err(apply::named(Failure::new(Exit::Data, NOT_THEIRS), &command.file));
    }
    let ImportMagic { tenant, issuer, url, apis, .. } = command;
    let (state, told) = magic::state_of(found, &magic::Target { tenant, issuer, url, apis })?;
    let text = document::write(&state)?;
    match &command.output {
        None => output::print(&text)?,
        Some(path) => write_private(path, &text).map_err(|error| {
            Failure::new(Exit::Output, format!("cannot write {}: {error}", path.display()))
        })?,
    }
    output::complain(&report::brought::text(&told));
    Ok(())
}

const NOT_THEIRS: &str = "none of its keys begins with authentication.: it is no authserver.properties";
