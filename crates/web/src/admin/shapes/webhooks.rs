//! The shapes of what extensions are told.

use super::super::schema::Type::{Flag, Maybe, Number, Text, Time, Word};
use super::super::schema::{Object, both, must, read, write};
use super::{CREATED, SCOPES};

const KINDS: &[&str] = &["Added", "Updated", "SecretRotated", "Removed"];

/// Something that an extension is told.
pub static WEBHOOK: Object = Object {
    name: "Webhook",
    about: "Something that an extension is told of an installation, and what became of it.",
    members: &[
        read("number", Number(1, i64::MAX), "Its number: they are told in this order."),
        read("id", Text(1, 64), "The `webhook-id` of every attempt."),
        read("kind", Word(KINDS), "What happened."),
        read("brings_secret", Flag, "A secret came with it, until the extension had it."),
        read(
            "outcome",
            Word(&["waiting", "delivered", "aborted", "given_up", "pull", "skipped"]),
            "What became of it; `pull`: nobody sends it, its extension comes for it.",
        ),
        read("settled_at", Time, "When."),
        CREATED,
    ],
};

/// How an attempt went.
pub static WEBHOOK_ATTEMPT: Object = Object {
    name: "WebhookAttempt",
    about: "How an attempt to tell an extension of something went. Kept for thirty days.",
    members: &[
        read("id", Text(1, 32), "Its id."),
        read("number", Number(1, i64::MAX), "Which event."),
        read("request_id", Text(1, 64), "The id of the request, as in its body."),
        read("at", Time, "When."),
        read("duration_ms", Number(0, i64::MAX), "How long it took."),
        read("status", Number(100, 999), "The status of the answer."),
        read("error", Text(1, 200), "What kept it from being answered."),
        read("answer", Text(0, 16_384), "The first 4 KiB of what was answered."),
    ],
};

/// Where an installation stands with what its extension is told.
pub static WEBHOOK_QUEUE: Object = Object {
    name: "WebhookQueue",
    about: "What an extension was not told yet of an installation.",
    members: &[
        read("is_waiting", Flag, "Something was not told yet."),
        read("attempts", Number(0, i64::MAX), "How often the first was tried in vain."),
        read("due_at", Maybe(&Time), "When it is tried next."),
        read("paused_at", Maybe(&Time), "Since when nothing is told."),
        read("paused_reason", Maybe(&Text(1, 200)), "Why; `gone`: the extension answered 410."),
    ],
};

/// Why nothing is told any more.
pub static WEBHOOK_PAUSE: Object = Object {
    name: "WebhookPause",
    about: "Why nothing is told any more.",
    members: &[both("reason", Text(1, 200), "Why; `paused` when absent.")],
};

/// What would be told.
pub static WEBHOOK_DRY_RUN: Object = Object {
    name: "WebhookDryRun",
    about: "What an extension answers when it is told as if something had happened. Nothing is changed.",
    members: &[
        must("kind", Word(KINDS), "What is said to have happened."),
        write(
            "context_id",
            Text(1, 200),
            "The id, without its kind, of the context that it is said to be in, in place of its own.",
        ),
        write("scopes", SCOPES, "What is said to be consented to, parted by spaces, in place of what is."),
        write("is_disabled", Flag, "Whether it is said to be switched off, in place of how it is."),
        write("happened_at", Time, "When that is said to have happened; now when absent."),
        write("secret", Text(1, 200), "What stands where a secret would; it opens nothing."),
        read("url", Text(1, 4096), "Where it was told."),
        read("duration_ms", Number(0, i64::MAX), "How long it took."),
        read("is_success", Flag, "It would have counted as told."),
        read("status", Number(100, 999), "The status of the answer."),
        read("error", Text(1, 200), "What kept it from being answered."),
        read("headers", Text(0, 16_384), "The header fields of the answer, a line each: the first 4 KiB."),
        read("answer", Text(0, 16_384), "The first 4 KiB of what was answered."),
    ],
};

/// A key that signs what extensions are told.
pub static WEBHOOK_KEY: Object = Object {
    name: "WebhookKey",
    about: "A key that signs what extensions are told. The newest signs; all stay known.",
    members: &[
        read("serial", Text(36, 36), "Its serial."),
        read("number", Number(1, i64::MAX), "The higher is the newer."),
        read("algorithm", Word(&["Ed25519"]), "By which it signs."),
        read("key", Text(44, 44), "The public key: base64 of 32 bytes."),
        CREATED,
    ],
};
