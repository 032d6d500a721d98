//! The data folder of `dev`. Its people have passwords that everybody knows, and `--fresh` removes it: so `dev` uses a folder that it
//! made itself, which it knows by a mark in it, and no other.

use std::path::Path;

use crate::command::{data_folder, write_private};
use crate::failure::{Exit, Failure};

/// Makes the folder, or takes the one that is there when `dev` made it. `fresh` removes what that one holds.
pub async fn take(data: &Path, fresh: bool) -> Result<(), Failure> {
    if !is_empty(data)? {
        if !data.join(MARK).is_file() {
            return Err(foreign(data, fresh));
        }
        if fresh {
            start_over(data).await?;
        }
    }
    data_folder(data)?;
    let mark = data.join(MARK);
    if mark.is_file() {
        return Ok(());
    }
    write_private(&mark, WHY)
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot write {}: {error}", mark.display())))
}

/// Whether there is nothing that could belong to somebody else. What cannot be looked into is nobody's to use.
fn is_empty(data: &Path) -> Result<bool, Failure> {
    match std::fs::read_dir(data) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => {
            Err(Failure::new(Exit::Config, format!("cannot look into {}: {error}", data.display())))
        }
    }
}

fn foreign(data: &Path, fresh: bool) -> Failure {
    let harm = if fresh { "--fresh does not remove it" } else { "dev would add people with known passwords" };
    let what = format!("{} was not made by dev: {harm}", data.display());
    Failure::new(Exit::Data, what).hint(format!(
        "choose another folder by --data; if an older `doorward dev` made this one, remove it, or keep it by making the file {}",
        data.join(MARK).display()
    ))
}

/// Removes what the folder holds, unless a server uses it. The mark goes last, so that a removal that was interrupted is
/// finished by the next one.
async fn start_over(data: &Path) -> Result<(), Failure> {
    if tokio::net::UnixStream::connect(data.join("doorward.sock")).await.is_ok() {
        let what = format!("a server runs on {}: stop it before starting over", data.display());
        return Err(Failure::new(Exit::Again, what));
    }
    remove_content(data)
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot remove {}: {error}", data.display())))
}

fn remove_content(data: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name() == MARK {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// The file that says that `dev` made the folder.
const MARK: &str = "made-by-dev";
const WHY: &str = "\
This folder was made by `doorward dev`. The passwords and secrets in it are published: serve nothing from it.
`doorward dev --fresh` removes what it holds.
";
