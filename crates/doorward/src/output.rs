//! Standard output and standard error: the one place where commands print. What did not get out is a failure, above all a secret
//! that is shown once.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;

use rustix::fs::{OFlags, fcntl_getfl, fstat};

use crate::failure::{Exit, Failure};

/// Prints an answer. That nobody reads any more (`| head`) is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    match write(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(|error| failed(&error)),
    }
}

/// Prints what was done, when it is done already.
pub fn print_done(text: &str) -> Result<(), Failure> {
    print(text).map_err(|failure| failure.hint(DONE))
}

/// Prints what is shown this once; `lost` says how another is had. Here nobody reading is a failure too.
pub fn print_once(text: &str, lost: &str) -> Result<(), Failure> {
    let written = if goes_nowhere() { Err(io::Error::other("it is closed")) } else { write(text) };
    written.map_err(|error| failed(&error).hint(lost))
}

/// Writes to standard error. Where that is not possible there is nobody left to tell.
pub fn complain(text: &str) {
    let mut error = io::stderr().lock();
    let _ = error.write_all(text.as_bytes()).and_then(|()| error.flush());
}

/// Help and version, and what is wrong with a command line, as clap prints them; the exit code.
pub fn usage(error: &clap::Error) -> Result<u8, Failure> {
    let printed = error.print().and_then(|()| io::stdout().lock().flush());
    match printed {
        Err(why) if !error.use_stderr() && why.kind() != ErrorKind::BrokenPipe => Err(failed(&why)),
        _ => Ok(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code())),
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn failed(error: &io::Error) -> Failure {
    Failure::new(Exit::Output, format!("cannot write to standard output: {error}"))
}

/// Whether standard output was closed. The runtime then opens /dev/null in its place, to read and to write, and every write does
/// well; who redirects to it opens it to write only.
fn goes_nowhere() -> bool {
    let out = io::stdout();
    let Ok(stat) = fstat(&out) else { return true };
    let is_null = fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == stat.st_rdev);
    is_null && fcntl_getfl(&out).is_ok_and(|flags| flags.contains(OFlags::RDWR))
}

const DONE: &str = "what the command does is done: only its report did not get out";
