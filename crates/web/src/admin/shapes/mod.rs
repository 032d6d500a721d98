//! The shapes of resources, and the members that several of them have.

mod configured;
mod told;

use super::schema::Type::{Number, Time};
use super::schema::{Member, read};

pub use configured::{API, CLIENT, CONTEXT, ISSUER, MEMBERSHIP, ROLE, TENANT, USER};
pub use told::{
    ACTIVATION, CONSENT, EVENT, GRANT, IMPORTED, INVITATION, INVITED, KEY, KEYS, LINK, ROTATION, SECRET,
    SESSION,
};

const CREATED: Member = read("created_at", Time, "When it was made.");
const UPDATED: Member = read("updated_at", Time, "When it was last changed.");
const VERSION: Member = read("version", Number(1, i64::MAX), "Counts its changes; the ETag.");
const DISABLED: &str = "Nothing of it works. Absent: as it is.";
const NAME: &str = "Its name. Absent: as it is, the id at first.";
