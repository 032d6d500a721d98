//! The shapes of extensions and installations, and of the secrets of these.

use super::super::schema::Type::{Flag, Json, List, Map, Number, Of, Text, Time, Word};
use super::super::schema::{Object, both, must, read, write};
use super::{CONTEXT_ID, CREATED, PERSON_ID, SCOPES, UPDATED, VERSION};

static MANIFEST_TEXT: Object = Object {
    name: "ManifestText",
    about: "Texts of a manifest in one language.",
    members: &[
        both("name", Text(1, 200), "Its name."),
        both("summary", Text(0, 500), "What it does, in a sentence."),
        both("description", Text(0, 8000), "What it does, at length."),
    ],
};

static REQUESTED_SCOPE: Object = Object {
    name: "RequestedScope",
    about: "A scope that an extension asks for.",
    members: &[
        must("name", Text(1, 256), "The scope."),
        both("reason", Text(0, 500), "Why, shown to whoever installs it."),
        both("reasons", Map(&Text(0, 500), 50), "The reason in other languages, by language tag."),
        both("optional", Flag, "It may be refused when the extension is installed."),
    ],
};

static VARIANT: Object = Object {
    name: "Variant",
    about: "A variant of an extension.",
    members: &[
        must("key", Text(1, 64), "Its key."),
        both("name", Text(0, 500), "Its name."),
        both("description", Text(0, 8000), "What it is."),
    ],
};

/// A manifest.
pub static MANIFEST: Object = Object {
    name: "Manifest",
    about: "What an extension says of itself.",
    members: &[
        must("name", Text(1, 200), "Its name."),
        both("summary", Text(0, 500), "What it does, in a sentence."),
        both("description", Text(0, 8000), "What it does, at length: plain text."),
        both("texts", Map(&Of(&MANIFEST_TEXT), 50), "Its texts in other languages, by language tag."),
        both("icon", Text(1, 2048), "Its icon: an https address."),
        both("scopes", List(&Of(&REQUESTED_SCOPE), 100), "The scopes that it asks for."),
        both("callback_url", Text(1, 2048), "Where a sign-in that names no redirect URI leads."),
        both("launch_url", Text(1, 2048), "Where it is opened: a template with `:names`."),
        both("webhook_url", Text(1, 2048), "Where its events are sent; absent: it pulls them."),
        both(
            "webhook_format",
            Word(&["mittwald", "standard"]),
            "In which words it is told of them; `standard` when absent.",
        ),
        both("audiences", List(&Text(1, 2048), 50), "Further audiences of its session tokens."),
        both("frame_origins", List(&Text(1, 2048), 50), "Origins of pages that may show it in a frame."),
        both("context_kinds", List(&Text(1, 32), 50), "What it can be installed into; all kinds when empty."),
        both("variants", List(&Of(&VARIANT), 50), "What it can be installed as."),
        both(
            "consent",
            Word(&["implicit", "asked"]),
            "Whether each member is asked before it acts for them.",
        ),
    ],
};

const STATES: &[&str] = &["draft", "verified", "published", "deprecated", "withdrawn"];

/// An extension.
pub static EXTENSION: Object = Object {
    name: "Extension",
    about: "What third parties make for the platform. Its client has the same id.",
    members: &[
        must("id", Text(1, 256), "Its id, and that of its client."),
        both("contributor", CONTEXT_ID, "The context whose members make it. Never changes."),
        both("state", Word(STATES), "How far it has come. Absent: as it is."),
        both("deprecated_on", Text(10, 10), "The day after which nobody should rely on it."),
        both("suspended", Flag, "The platform has stopped it. Absent: as it is."),
        must("manifest", Of(&MANIFEST), "What is in force."),
        read("manifest_version", Number(1, i64::MAX), "Counts manifests that came into force."),
        read("proposed", Of(&MANIFEST), "What its contributor wishes to be in force."),
        read(
            "client_secret",
            Text(32, 1024),
            "The secret of the client that was made with it, shown this once.",
        ),
        CREATED,
        UPDATED,
        VERSION,
    ],
};

/// How an extension is deprecated.
pub static DEPRECATION: Object = Object {
    name: "Deprecation",
    about: "How an extension is deprecated.",
    members: &[both("deprecated_on", Text(10, 10), "The day after which nobody should rely on it.")],
};

/// An installation.
pub static INSTALLATION: Object = Object {
    name: "Installation",
    about: "An extension in a context, with what was consented to.",
    members: &[
        read("id", Text(26, 26), "Its id: the `sub` of the tokens that it gets for itself."),
        both("extension", Text(1, 256), "Which extension. Never changes."),
        both(
            "context",
            CONTEXT_ID,
            "Where; `tenant/` and the tenant's id: the tenant itself. Never changes.",
        ),
        both("scopes", SCOPES, "What is consented to. Absent: as it is, all that is asked for at first."),
        both("variant", Text(1, 64), "Its variant. Absent: as it is, the first at first."),
        both("settings", Json, "Small values by name. Absent: as they are."),
        both("disabled", Flag, "Its members have switched it off. Absent: as it is."),
        both("suspended", Flag, "The platform has switched it off. Absent: as it is."),
        read("state", Word(&["enabled", "disabled", "suspended"]), "Where it is in its life."),
        read("manifest_version", Number(1, i64::MAX), "Of which manifest it was consented to."),
        read("installed_by", Text(1, 204), "Who installed it, where it was a person."),
        CREATED,
        UPDATED,
        VERSION,
    ],
};

/// A secret of an installation.
pub static INSTALLATION_SECRET: Object = Object {
    name: "InstallationSecret",
    about: "A secret of an installation. A pending one is in force once its extension has it.",
    members: &[
        read("id", Text(1, 64), "Its id."),
        read("state", Word(&["pending", "current", "retiring"]), "Where it stands."),
        read("number", Number(1, i64::MAX), "The higher is the newer."),
        read("age_s", Number(0, i64::MAX), "How old it is, in seconds."),
        read("delivered_at", Time, "When its extension had it, or it was shown."),
        read("current_at", Time, "Since when it is current."),
        read("expires_at", Time, "Until when it works."),
        read("secret", Text(32, 1024), "The secret, shown this once."),
        CREATED,
    ],
};

/// How a secret is rotated.
pub static ROTATION_OF_INSTALLATION: Object = Object {
    name: "InstallationRotation",
    about: "How an installation gets a new secret.",
    members: &[both("reveal", Flag, "Show it in the answer; else its extension is told it.")],
};

/// A new secret of an installation that its extension is told at once.
pub static SECRET_TOLD: Object = Object {
    name: "SecretTold",
    about: "A new secret of an installation that its extension is told at once; what waits to be told before it is told first, and then the extension has not taken it.",
    members: &[
        both("allow_failure", Flag, "It counts too where the extension does not take it."),
        read("id", Text(1, 64), "Its id."),
        read("secret", Text(32, 1024), "The secret, shown this once."),
        read("is_told", Flag, "The extension has taken it."),
        read("counts", Flag, "It is in force, and those before it are not; else it is over itself."),
        read("status", Number(100, 999), "The status of the extension's answer."),
    ],
};

/// How a secret takes over.
pub static CONFIRMATION: Object = Object {
    name: "Confirmation",
    about: "How a pending secret takes over.",
    members: &[both(
        "retire_others_s",
        Number(0, 31_622_400),
        "Seconds that those before it work; a day when absent.",
    )],
};

/// How a secret ends.
pub static RETIREMENT: Object = Object {
    name: "Retirement",
    about: "When a secret ends.",
    members: &[must("expires_in", Number(0, 31_622_400), "In so many seconds.")],
};

/// An extension that is opened for a person.
pub static LAUNCH: Object = Object {
    name: "Launch",
    about: "An extension that is opened for a person who signs in elsewhere; what comes of it names who did it (`act`). By a person's own token, for them alone: then it ends with the session that the token ends with.",
    members: &[
        must("user", PERSON_ID, "For whom: their id."),
        write("issuer", Text(1, 200), "At which issuer; the tenant's first when absent."),
        read("url", Text(1, 4096), "Where to send the person."),
        read("retrieval_key", Text(1, 200), "The key in it, which the extension exchanges once."),
        read("expires_in", Number(1, i64::MAX), "Seconds in which the key works."),
    ],
};

/// A session token that is made for a person.
pub static SESSION_TOKEN: Object = Object {
    name: "SessionToken",
    about: "A signed token of a minute that says who looks at an extension in a frame.",
    members: &[
        must("user", PERSON_ID, "For whom: their id."),
        write("issuer", Text(1, 200), "At which issuer; the tenant's first when absent."),
        write(
            "session",
            Text(1, 100),
            "What the platform calls the session: the same for each renewal. When absent, that of the person's own token, else by chance.",
        ),
        read("session_token", Text(1, 4096), "The token."),
        read("sid", Text(1, 200), "What it says its session is."),
        read("expires_in", Number(1, i64::MAX), "Seconds that it lives."),
    ],
};

/// A ticket that the platform asks for.
pub static SIGN_IN_TICKET: Object = Object {
    name: "SignInTicket",
    about: "A ticket that signs a frame in as a person, once, to one installation.",
    members: &[
        must("user", PERSON_ID, "As whom: their id."),
        write("issuer", Text(1, 200), "At which issuer; the tenant's first when absent."),
        read("sign_in_ticket", Text(1, 200), "The ticket, for the frame that waits for it."),
        read("expires_in", Number(1, i64::MAX), "Seconds in which it can be handed in."),
    ],
};

static PERSON: Object = Object {
    name: "Someone",
    about: "A person who could change something, and why they may.",
    members: &[
        read("user", PERSON_ID, "Who."),
        read("user_name", Text(1, 254), "Their user name."),
        read(
            "role",
            Text(1, 64),
            "The role by which they may; that of the administrators of the server alone where who they are is another tenant's to know.",
        ),
        read("context", CONTEXT_ID, "Where they have it; in the whole tenant when absent."),
        read("tenant", Text(1, 64), "Their tenant, where it is another."),
    ],
};

static CLAUSE: Object = Object {
    name: "Clause",
    about: "A clause of effective permission that takes a scope away.",
    members: &[
        read("clause", Word(&["client", "api", "installation", "consent", "person", "role_map"]), "Which."),
        read("detail", Text(1, 500), "The same in words."),
        read(
            "permission",
            Text(1, 200),
            "The permission that the person lacks, there or through this client.",
        ),
        read("roles_that_give_it", List(&Text(1, 64), 10), "Roles that hold it."),
        read("who", List(&Of(&PERSON), 10), "Who could change it."),
        read("more", Flag, "Others could, too."),
    ],
};

static EXPLAINED_SCOPE: Object = Object {
    name: "ExplainedScope",
    about: "What becomes of a scope.",
    members: &[
        read("scope", Text(1, 256), "The scope."),
        read("granted", Flag, "It would be granted."),
        read("removed_by", List(&Of(&CLAUSE), 5), "Every clause that takes it away."),
    ],
};

static DEAD: Object = Object {
    name: "Dead",
    about: "Why nothing at all is issued.",
    members: &[
        read("name", Text(1, 100), "The reason's name."),
        read("detail", Text(1, 500), "The same in words."),
        read("who", List(&Of(&PERSON), 10), "Who could change it."),
        read("more", Flag, "Others could, too."),
    ],
};

static INSTALLED_AT: Object = Object {
    name: "InstalledAt",
    about: "Where an extension is installed.",
    members: &[
        read("id", Text(1, 64), "The installation."),
        read("context", CONTEXT_ID, "What it is installed in."),
        read("name", Text(1, 200), "The name of that."),
    ],
};

/// What a token or a request may do, and why not more.
pub static EXPLANATION: Object = Object {
    name: "Explanation",
    about: "What a token or a request may do, and why not more.",
    members: &[
        write("token", Text(1, 16_384), "The token that is asked about."),
        read("client", Text(1, 256), "The client."),
        read("user", PERSON_ID, "For whom it acts; for itself when absent."),
        read("installation", Text(1, 64), "Through which installation."),
        read("context", CONTEXT_ID, "What that is installed in."),
        read(
            "installations",
            List(&Of(&INSTALLED_AT), 100),
            "Where it is installed, of what the person belongs to, where that is in several places: name one to be told of its scopes.",
        ),
        read("alive", Flag, "Something would be issued, or is alive."),
        read("reason", Of(&DEAD), "Why nothing is."),
        read("scope", SCOPES, "What would be granted, parted by spaces."),
        read("scopes", List(&Of(&EXPLAINED_SCOPE), 100), "What becomes of each scope."),
    ],
};
