//! The shape of a tenant's settings. Its members are those of a document for `doorward apply`; a test compares the names.

use super::schema::Type::{Flag, List, Map, Maybe, Number, Of, Text, Word};
use super::schema::{Object, both};

const YEAR_S: i64 = 366 * 86_400;

/// Settings of a tenant. What is absent has its default.
pub static SETTINGS: Object = Object {
    name: "TenantSettings",
    about: "What a tenant's pages look like, how long its sessions live, what its mails say.",
    members: &[
        both("session_idle_s", Number(60, YEAR_S), "A session unused for so many seconds is over."),
        both("session_absolute_s", Number(60, YEAR_S), "A session older than so many seconds is over."),
        both(
            "session_remembered_s",
            Number(60, YEAR_S),
            "The same for a person who ticked \"stay signed in\": idle and absolute.",
        ),
        both(
            "locale",
            Text(1, 35),
            "Language of pages when neither request, person nor browser names one that exists.",
        ),
        both(
            "throttle_limit",
            Number(3, 1000),
            "Sign-in attempts for one account from browsers that it has not signed in with before, in `throttle_window_s`.",
        ),
        both("throttle_window_s", Number(10, 86_400), "Seconds after which attempts are forgotten."),
        both(
            "second_factor",
            Word(&["off", "optional", "administrators", "required"]),
            "Who has a second factor beside the password.",
        ),
        both(
            "rate_limit",
            Number(0, 100_000_000),
            "Requests in a minute at its pages, its protocol endpoints, its guard and its administration, each by itself; 0: no limit.",
        ),
        both(
            "accent",
            Maybe(&Text(7, 7)),
            "Colour of buttons and links as `#rrggbb`; the house colour when absent.",
        ),
        both(
            "key_rotation_s",
            Number(86_400, 3 * YEAR_S),
            "A signing key is followed by its successor after so many seconds.",
        ),
        both("mail", Of(&MAIL), "Whom mails are from, and what they say."),
        both("sign_up", Of(&SIGN_UP), "Whether people can sign up, and who."),
        both(
            "events_kept_s",
            Maybe(&Number(86_400, 100 * YEAR_S)),
            "Events are forgotten after so many seconds; never when absent.",
        ),
    ],
};

/// Mails of a tenant.
pub(super) static MAIL: Object = Object {
    name: "MailSettings",
    about: "Mails of a tenant.",
    members: &[
        both(
            "from",
            Maybe(&Text(3, 500)),
            "Whom they are from, a mailbox such as `Demo <no-reply@demo.example>`; the server's setting when absent.",
        ),
        both("reply_to", Maybe(&Text(3, 500)), "Where answers go."),
        both("signature", Maybe(&Text(1, 4000)), "What they end with; the tenant's name when absent."),
        both(
            "texts",
            Map(&Map(&Of(&MAIL_TEXT), 100), 100),
            "The tenant's own texts: by kind of mail, then by language.",
        ),
    ],
};

/// A text of a mail.
pub(super) static MAIL_TEXT: Object = Object {
    name: "MailText",
    about: "A text of a mail.",
    members: &[
        both("subject", Maybe(&Text(1, 200)), "Its subject; the standard one when absent."),
        both(
            "text",
            Maybe(&Text(1, 4000)),
            "What it says, without greeting and signature; the standard text when absent.",
        ),
    ],
};

/// Signing up.
pub(super) static SIGN_UP: Object = Object {
    name: "SignUpSettings",
    about: "Signing up by oneself.",
    members: &[
        both("open", Flag, "Whether anybody may."),
        both(
            "domains",
            List(&Text(1, 253), 1000),
            "Only with an address of one of these domains; any when empty.",
        ),
    ],
};
