//! The table of settings: one row each.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the file, with a dot between levels.
    pub key: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What it is when nobody says otherwise, as one would write it; absent: nothing.
    pub default: Option<&'static str>,
    /// What it does.
    pub doc: &'static str,
}

/// What the value of a setting is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An address and port, or `none`.
    Address,
    /// Several addresses and ports.
    Addresses,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// Several texts.
    List,
    /// A whole number in a range.
    Number(i64, i64),
    /// A path of the file system.
    Path,
    /// A text that is never shown, and is not taken from the command line.
    Secret,
    /// A text.
    Text,
}

/// Every setting, in the order of the manual.
pub const TABLE: &[Setting] = &[
    Setting {
        key: "public_url",
        kind: Kind::Text,
        default: Some("http://localhost:8080"),
        doc: "Where people and clients reach the server. On an empty database the first issuer is made there; later issuers are objects of their own (`doorward apply`). Must be https, except on a loopback address.",
    },
    Setting {
        key: "listen",
        kind: Kind::Addresses,
        default: Some("127.0.0.1:8080"),
        doc: "Where the server accepts connections. Several are parted by commas.",
    },
    Setting {
        key: "ops_listen",
        kind: Kind::Address,
        default: Some("127.0.0.1:9100"),
        doc: "Where /healthz, /readyz and /metrics are served, never on the public listener. `none` turns it off.",
    },
    Setting {
        key: "data",
        kind: Kind::Path,
        default: None,
        doc: "The folder for everything that the server keeps: the SQLite database, its key, the local socket. By default `$STATE_DIRECTORY` (set by systemd), else `./doorward-data`.",
    },
    Setting {
        key: "database",
        kind: Kind::Secret,
        default: None,
        doc: "A path of a SQLite file, or a `postgres://` URL. By default `doorward.db` in the data folder. A URL may hold a password and is treated as a secret.",
    },
    Setting {
        key: "key_encryption_key",
        kind: Kind::Secret,
        default: None,
        doc: "The key that seals signing keys in the database: 32 random bytes in unpadded base64url. On SQLite, by default, the file `key` in the data folder, made on first start: back it up, apart from the database. On PostgreSQL it must be given, the same on every node.",
    },
    Setting {
        key: "previous_key_encryption_key",
        kind: Kind::Secret,
        default: None,
        doc: "The key before it, while a change of keys is under way.",
    },
    Setting {
        key: "auto_migrate",
        kind: Kind::Flag,
        default: Some("true"),
        doc: "Whether `serve` brings the database up to date at start. With `false` it refuses to start until `doorward migrate up` was run.",
    },
    Setting {
        key: "tls.certificate",
        kind: Kind::Path,
        default: None,
        doc: "A PEM file with the certificate and its chain. With it and `tls.key` the server speaks TLS itself; both are read again when they change.",
    },
    Setting {
        key: "tls.key",
        kind: Kind::Path,
        default: None,
        doc: "A PEM file with the certificate's private key.",
    },
    Setting {
        key: "proxies.trusted",
        kind: Kind::List,
        default: None,
        doc: "Addresses or networks (`10.0.0.0/8`) of proxies whose forwarding headers are believed. Nobody's by default.",
    },
    Setting {
        key: "proxies.header",
        kind: Kind::Choice(&["forwarded", "x-forwarded-for"]),
        default: Some("x-forwarded-for"),
        doc: "Which header those proxies set; the other one is ignored.",
    },
    Setting {
        key: "outbound.allow",
        kind: Kind::List,
        default: None,
        doc: "Exceptions from the rule that the server fetches only from public addresses: networks (`10.1.0.0/16`) or `host:port`.",
    },
    Setting {
        key: "mail.host",
        kind: Kind::Text,
        default: None,
        doc: "The mail server that mails to people are handed to. Without it no mail is sent, and what needs one (a forgotten password, say) is not offered.",
    },
    Setting {
        key: "mail.port",
        kind: Kind::Number(1, 65_535),
        default: Some("587"),
        doc: "Its port: 587 for `starttls`, 465 for `tls`.",
    },
    Setting {
        key: "mail.tls",
        kind: Kind::Choice(&["starttls", "tls", "none"]),
        default: Some("starttls"),
        doc: "How the connection to it is secured. `none` is for a server on this machine only.",
    },
    Setting {
        key: "mail.user",
        kind: Kind::Text,
        default: None,
        doc: "The name that the server signs in to it with.",
    },
    Setting {
        key: "mail.password",
        kind: Kind::Secret,
        default: None,
        doc: "The password that the server signs in to it with.",
    },
    Setting {
        key: "mail.from",
        kind: Kind::Text,
        default: None,
        doc: "Whom mails are from, such as `Example <no-reply@example.com>`. Must be set with `mail.host`; a tenant can name its own.",
    },
    Setting {
        key: "log.format",
        kind: Kind::Choice(&["auto", "human", "json"]),
        default: Some("auto"),
        doc: "How lines of the log are written. `auto`: for people on a terminal, else JSON.",
    },
    Setting {
        key: "log.level",
        kind: Kind::Text,
        default: Some("info"),
        doc: "What is logged: `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,doorward_store=debug`.",
    },
    Setting {
        key: "log.access",
        kind: Kind::Text,
        default: Some("off"),
        doc: "The access log, one line of JSON per request: `off`, `stdout`, or the path of a file, which is opened anew at SIGHUP. It holds no query, header, cookie or body.",
    },
    Setting {
        key: "durable_client_tokens",
        kind: Kind::Flag,
        default: Some("false"),
        doc: "Whether a client's own JWT is answered only once its event is on disk. By default such events are written within a second.",
    },
    Setting {
        key: "password_min_length",
        kind: Kind::Number(8, 64),
        default: Some("8"),
        doc: "Characters that a new password has at least.",
    },
    Setting {
        key: "metrics_token",
        kind: Kind::Secret,
        default: None,
        doc: "A token that `/metrics` asks for (`Authorization: Bearer …`). Nothing by default: the operations listener is for this machine.",
    },
    Setting {
        key: "limits.connections",
        kind: Kind::Number(16, 1_000_000),
        default: Some("10000"),
        doc: "Connections at once; beyond them, accepting pauses. Held to three quarters of the file descriptors that the process may open.",
    },
    Setting {
        key: "limits.password_threads",
        kind: Kind::Number(0, 256),
        default: Some("0"),
        doc: "Passwords that are verified at once, 19 MiB of memory each. 0: one less than there are cores.",
    },
    Setting {
        key: "limits.passwords_waiting",
        kind: Kind::Number(1, 10_000),
        default: Some("64"),
        doc: "Sign-ins that may wait for one of those; beyond them the answer is 503 with `Retry-After`.",
    },
    Setting {
        key: "limits.requests_at_once",
        kind: Kind::Number(8, 100_000),
        default: Some("192"),
        doc: "Requests of programs (token, introspection, revocation, userinfo) that are worked on at once; the guard has as many places of its own, pages half as many, the admin API an eighth. Whoever finds none in time is told to come back: 503 with `Retry-After`.",
    },
    Setting {
        key: "limits.requests_wait_ms",
        kind: Kind::Number(1, 30_000),
        default: Some("3000"),
        doc: "Milliseconds that a request waits at most for one of those places. Longer: a larger crowd is served at its first try. Shorter: whoever cannot be served is told so sooner, and looks for another node.",
    },
    Setting {
        key: "limits.requests_per_address",
        kind: Kind::Number(0, 100_000_000),
        default: Some("60000"),
        doc: "Requests of programs that one address (IPv6: one /64) may make in a minute; beyond them the answer is 429 with `Retry-After`. 0: no limit.",
    },
    Setting {
        key: "limits.pages_per_address",
        kind: Kind::Number(0, 100_000_000),
        default: Some("6000"),
        doc: "The same for pages and their forms: a sign-in takes about ten. 0: no limit.",
    },
    Setting {
        key: "limits.admin_per_address",
        kind: Kind::Number(0, 100_000_000),
        default: Some("6000"),
        doc: "The same for the admin API. 0: no limit.",
    },
    Setting {
        key: "limits.guard_per_address",
        kind: Kind::Number(0, 100_000_000),
        default: Some("600000"),
        doc: "The same for the guard, which a proxy asks from its one address for all who call an API. 0: no limit.",
    },
    Setting {
        key: "limits.trusted",
        kind: Kind::List,
        default: Some("127.0.0.0/8, ::1"),
        doc: "Addresses or networks whose requests are not limited per address, such as backends of your own that ask for many people. Tenants and clients can have limits all the same.",
    },
    Setting {
        key: "limits.cached_clients",
        kind: Kind::Number(0, 10_000_000),
        default: Some("10000"),
        doc: "Clients whose description is kept in memory.",
    },
    Setting {
        key: "shutdown_grace_s",
        kind: Kind::Number(0, 600),
        default: Some("5"),
        doc: "Seconds at shutdown in which /readyz answers 503 and clients are still let in, so that load balancers look elsewhere before the door closes. Longer than they take to notice.",
    },
    Setting {
        key: "limits.drain_seconds",
        kind: Kind::Number(0, 600),
        default: Some("10"),
        doc: "Seconds that running requests have to finish at shutdown.",
    },
];

/// The setting of that key.
pub fn find(key: &str) -> Option<&'static Setting> {
    TABLE.iter().find(|setting| setting.key == key)
}

impl Setting {
    /// Its environment variable: `DOORWARD_TLS__CERTIFICATE`.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.replace('.', "__").to_ascii_uppercase())
    }

    /// The variable that names a file with the value; secrets only.
    pub fn file_variable(&self) -> Option<String> {
        (self.kind == Kind::Secret).then(|| format!("{}_FILE", self.variable()))
    }

    /// Its flag without the dashes; a secret has none (every user of the machine would see it), but for `database`, which may
    /// be a path.
    pub fn flag(&self) -> String {
        self.key.replace(['.', '_'], "-")
    }

    /// Whether there is a flag.
    pub fn has_flag(&self) -> bool {
        self.kind != Kind::Secret || self.key == "database"
    }
}

impl Kind {
    /// What one writes, for help and manual.
    pub fn placeholder(self) -> String {
        match self {
            Self::Address => "ADDRESS:PORT".to_owned(),
            Self::Addresses => "ADDRESS:PORT,…".to_owned(),
            Self::Choice(words) => words.join("|"),
            Self::Flag => "true|false".to_owned(),
            Self::List => "TEXT,…".to_owned(),
            Self::Number(..) => "NUMBER".to_owned(),
            Self::Path => "PATH".to_owned(),
            Self::Secret => "SECRET".to_owned(),
            Self::Text => "TEXT".to_owned(),
        }
    }
}

/// What the names of environment variables begin with.
pub const PREFIX: &str = "DOORWARD_";
