//! The shapes of resources, and the members and values that several of them have.

mod configured;
mod extending;
mod told;
mod webhooks;

use super::schema::Type::{self, List, Number, Text, Time};
use super::schema::{Member, both, read};

pub use configured::{API, ASSIGNMENT, CLIENT, CONTEXT, ISSUER, MEMBERSHIP, ROLE, TENANT, USER};
#[cfg(test)]
pub use extending::MANIFEST;
pub use extending::{
    CONFIRMATION, DEPRECATION, EXPLANATION, EXTENSION, INSTALLATION, INSTALLATION_SECRET, LAUNCH, RETIREMENT,
    ROTATION_OF_INSTALLATION, SECRET_TOLD, SESSION_TOKEN, SIGN_IN_TICKET,
};
pub use told::{
    ACTIVATION, CONSENT, EVENT, GRANT, IMPORTED, INCIDENT, INVITATION, INVITED, KEY, KEYS, LINK, ROTATION,
    SECRET, SESSION,
};
pub use webhooks::{WEBHOOK, WEBHOOK_ATTEMPT, WEBHOOK_DRY_RUN, WEBHOOK_KEY, WEBHOOK_PAUSE, WEBHOOK_QUEUE};

const PERSON_ID: Type = Text(1, 254);
const EMAIL: Type = Text(3, 254);
const CONTEXT_ID: Type = Text(3, 200);
const ROLE_IDS: Type = List(&Text(1, 64), 100);
const SCOPES: Type = Text(0, 25_600);
const URLS: Type = List(&Text(1, 2048), 100);
const SECONDS: Type = Number(1, i64::MAX);
const ANY_NUMBER: Type = Number(i64::MIN, i64::MAX);

const CREATED: Member = read("created_at", Time, "When it was made.");
const UPDATED: Member = read("updated_at", Time, "When it was last changed.");
const VERSION: Member = read("version", Number(1, i64::MAX), "Counts its changes; the ETag.");
const EXTERNAL_VERSION: Member = both("external_version", ANY_NUMBER, "The version of that system's record.");
const DISABLED: &str = "Nothing of it works. Absent: as it is.";
const NAME: &str = "Its name. Absent: as it is, the id at first.";
