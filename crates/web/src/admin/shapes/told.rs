//! The shapes of what is not configured: what an import tells, secrets, what was allowed and signed in, keys, links, events.

use super::super::schema::Type::{Flag, Json, List, Number, Of, Text, Time, Word};
use super::super::schema::{Member, Object, both, must, read, write};
use super::{CONTEXT_ID, CREATED, EMAIL, PERSON_ID, ROLE_IDS, SCOPES};

static IMPORT_PROBLEM: Object = Object {
    name: "ImportProblem",
    about: "What is wrong with a record.",
    members: &[
        read("pointer", Text(0, 200), "Where, as a JSON pointer into the record."),
        read("detail", Text(1, 1000), "What."),
    ],
};

/// What became of a record.
pub static IMPORTED: Object = Object {
    name: "Imported",
    about: "What became of a record that was brought in.",
    members: &[
        read("line", Number(1, i64::MAX), "The number of its line."),
        read(
            "outcome",
            Word(&["created", "updated", "unchanged", "ignored", "removed", "refused"]),
            "What was done; ignored: a newer record is there.",
        ),
        read("problems", List(&Of(&IMPORT_PROBLEM), 100), "Why it was refused."),
        read("retry", Flag, "It waits for something that other records may bring about: send it again."),
    ],
};

/// A secret of a client.
pub static SECRET: Object = Object {
    name: "Secret",
    about: "A secret of a client: pending, current, or retiring until it ends.",
    members: &[
        read("id", Text(1, 64), "Its id."),
        both("state", Word(&["pending", "current", "retiring"]), "Where it stands; `current` when absent."),
        both("expires_at", Time, "Until when it works; for good when absent."),
        RETIRE_OTHERS,
        read("secret", Text(32, 1024), "The secret, shown this once."),
        CREATED,
    ],
};

/// How a secret takes over.
pub static ACTIVATION: Object =
    Object { name: "Activation", about: "How a pending secret takes over.", members: &[RETIRE_OTHERS] };

/// A consent.
pub static CONSENT: Object = Object {
    name: "Consent",
    about: "What a person allowed a client.",
    members: &[
        ID,
        read("user", PERSON_ID, "Who allowed it."),
        read("client", Text(1, 256), "To whom."),
        read("scopes", SCOPES, "What, parted by spaces."),
        read("implicit", Flag, "No page was shown, because the client is the platform's own."),
        CREATED,
    ],
};

/// A grant.
pub static GRANT: Object = Object {
    name: "Grant",
    about: "One sign-in at one client on one device: the family of all tokens that came of it.",
    members: &[
        ID,
        read("consent", Text(1, 20), "Under which consent."),
        read("issuer", Text(1, 64), "By which issuer."),
        read("user", PERSON_ID, "Who allowed it."),
        read("client", Text(1, 256), "For whom."),
        read("scopes", SCOPES, "What may be asked for, parted by spaces."),
        read("offline", Flag, "It outlives its session."),
        ACR,
        read("auth_time", Time, "When the person proved who they are."),
        USED_AT,
        EXPIRES_AT,
        CREATED,
    ],
};

/// A session.
pub static SESSION: Object = Object {
    name: "Session",
    about: "One browser in which a person is signed in.",
    members: &[
        ID,
        read("user", PERSON_ID, "Who is signed in."),
        ACR,
        read("amr", List(&Text(1, 20), 20), "How they proved who they are."),
        read("auth_time", Time, "When they last did."),
        read("remembered", Flag, "They asked to stay signed in."),
        USED_AT,
        EXPIRES_AT,
        read("user_agent", Text(0, 1024), "What the browser says it is."),
        read("address", Text(0, 64), "From where they signed in."),
        CREATED,
    ],
};

/// A signing key. Its private part is nowhere in the API.
pub static KEY: Object = Object {
    name: "Key",
    about: "A signing key.",
    members: &[
        read("kid", Text(1, 64), "Its id in the key set."),
        read("algorithm", Text(1, 20), "What it signs by."),
        read("state", Word(&["next", "current", "previous", "retired"]), "Where it stands."),
        CREATED,
        read("activated_at", Time, "When it began to sign."),
        read("retired_at", Time, "When it ceased to."),
        read("published_until", Time, "Until when it is published."),
    ],
};

/// A rotation of keys.
pub static ROTATION: Object = Object {
    name: "Rotation",
    about: "Which keys rotate.",
    members: &[write("algorithm", Text(1, 20), "Only of this algorithm; of every one when absent.")],
};

/// Keys, as a rotation leaves them.
pub static KEYS: Object = Object {
    name: "Keys",
    about: "The signing keys of a tenant.",
    members: &[read("items", List(&Of(&KEY), 1000), "Each.")],
};

/// A link for a person.
pub static LINK: Object = Object {
    name: "Link",
    about: "A link that works once. It is shown once.",
    members: &[
        read("url", Text(1, 2048), "Where to go. Whoever has it is that person: hand it over safely."),
        read("expires_at", Time, "Until when it works."),
    ],
};

/// An invitation that waits to be used.
pub static INVITED: Object = Object {
    name: "Invited",
    about: "An invitation that nobody has used yet.",
    members: &[
        read("id", Text(1, 64), "What it is called."),
        read("by_mail", Flag, "It was sent to the address."),
        read(
            "url",
            Text(1, 2048),
            "The link, where it was made just now and not sent. It works once, and is shown once.",
        ),
        read("email", EMAIL, "The address that it is for."),
        read("name", Text(1, 200), "Their name."),
        read("roles", ROLE_IDS, "Roles for the whole tenant."),
        read("contexts", List(&Of(&INVITED_TO), 100), "Contexts that they become members of."),
        read("by", Of(&ACTOR), "Who made it."),
        read("created_at", Time, "When it was made."),
        read("expires_at", Time, "Until when it works."),
    ],
};

/// Somebody to be invited.
pub static INVITATION: Object = Object {
    name: "Invitation",
    about: "Somebody to be invited: they choose their user name and password themselves.",
    members: &[
        write("email", EMAIL, "Only with this address. Absent: with any."),
        write("name", Text(1, 200), "Their name."),
        write("by_mail", Flag, "Send the link to the address; else it is answered."),
        write("roles", ROLE_IDS, "Roles for the whole tenant."),
        write("contexts", List(&Of(&INVITED_TO), 100), "Contexts that they become members of."),
    ],
};

static INVITED_TO: Object = Object {
    name: "InvitedTo",
    about: "A context that an invitation makes somebody a member of.",
    members: &[must("context", CONTEXT_ID, "Which."), both("roles", ROLE_IDS, "Their roles there.")],
};

static ACTOR: Object = Object {
    name: "Actor",
    about: "Who did something.",
    members: &[
        read("kind", Word(&["client", "operator", "server", "user", "unknown"]), "What they are."),
        read("id", Text(1, 256), "Their id, where they have one."),
    ],
};

/// An event of the audit trail.
pub static EVENT: Object = Object {
    name: "Event",
    about: "What happened.",
    members: &[
        read("seq", Number(0, i64::MAX), "Its place in the order of commits."),
        read("id", Text(32, 32), "Its id."),
        read("at", Time, "When."),
        read("kind", Text(1, 64), "What."),
        read("actor", Of(&ACTOR), "Who did it."),
        read("user", PERSON_ID, "The person it concerns."),
        read("client", Text(1, 256), "The client it concerns."),
        read("grant", Text(1, 20), "The grant it concerns."),
        read("installation", Text(26, 26), "The installation it concerns."),
        read("reason", Text(1, 64), "Why, for refusals and endings."),
        read("request_id", Text(0, 64), "The request that caused it."),
        read("address", Text(0, 64), "From where: for who may read the whole trail of the tenant."),
        read("data", Json, "Details."),
    ],
};

const ID: Member = read("id", Text(1, 20), "Its id.");
const ACR: Member = read("acr", Text(0, 100), "The class of the sign-in.");
const USED_AT: Member = read("used_at", Time, "Its last use.");
const EXPIRES_AT: Member = read("expires_at", Time, "When it is over, used or not.");
const RETIRE_OTHERS: Member = write(
    "retire_others_s",
    Number(0, 31_622_400),
    "The client's other secrets end so many seconds from now.",
);

/// What was ended at once.
pub static INCIDENT: Object = Object {
    name: "Incident",
    about: "Everything of something was ended at once: the receipt.",
    members: &[
        write("reason", Text(1, 1000), "Why, for the audit trail."),
        both("dry_run", Flag, "Only count: nothing is ended."),
        read("id", Text(1, 64), "The id of the event that says so."),
        read("at", Time, "When."),
        read("kind", Word(&["contributor", "extension", "installation", "key", "user"]), "What it is."),
        read("of", Text(1, 300), "Which."),
        read("counts", Json, "How much had not ended before, by what it is."),
    ],
};
