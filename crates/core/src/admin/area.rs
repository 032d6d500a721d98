//! The areas of administration, with the two scopes of each.

macro_rules! areas {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $english:literal, $german:literal;)*) => {
        /// An area: one kind of object, and who may read and write it is told by two scopes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Area { $($(#[$doc])* $variant),* }

        impl Area {
            /// Every area.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Its scope: `admin:<area>.read` or `admin:<area>.write`.
            pub const fn scope(self, access: Access) -> &'static str {
                match (self, access) { $(
                    (Self::$variant, Access::Read) => concat!("admin:", $name, ".read"),
                    (Self::$variant, Access::Write) => concat!("admin:", $name, ".write"),
                )* }
            }

            /// What it holds, in English and German, for the consent page.
            pub const fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($english, $german)),* }
            }
        }
    };
}

areas! {
    /// APIs and their scopes.
    Apis = "apis", "APIs and their scopes", "APIs und ihre Berechtigungen";
    /// Applications and their secrets.
    Clients = "clients", "applications and their secrets", "Anwendungen und ihre Geheimnisse";
    /// What people allowed applications.
    Consents = "consents", "what people allowed applications", "Freigaben von Personen an Anwendungen";
    /// Contexts and who belongs to them.
    Contexts = "contexts", "contexts and who belongs to them", "Kontexte und wer zu ihnen gehört";
    /// The audit trail.
    Events = "events", "the audit trail", "das Protokoll";
    /// Extensions and their manifests.
    Extensions = "extensions", "extensions and what they ask for", "Erweiterungen und was sie verlangen";
    /// What applications hold of people.
    Grants = "grants", "what applications hold of people", "was Anwendungen von Personen halten";
    /// Where extensions are installed.
    Installations = "installations", "where extensions are installed", "wo Erweiterungen installiert sind";
    /// Issuers.
    Issuers = "issuers", "issuers", "Aussteller";
    /// Signing keys.
    Keys = "keys", "signing keys", "Signaturschlüssel";
    /// Roles and who has them.
    Roles = "roles", "roles and who has them", "Rollen und wer sie hat";
    /// Where people are signed in.
    Sessions = "sessions", "where people are signed in", "wo Personen angemeldet sind";
    /// The tenant itself.
    Tenants = "tenants", "the tenant itself", "der Mandant selbst";
    /// People.
    Users = "users", "people", "Personen";
}

impl Area {
    /// Whether it can be administered in a context, too: what is in it, and in all below it.
    pub const fn is_of_contexts(self) -> bool {
        matches!(self, Self::Extensions | Self::Installations)
    }

    /// Whether a scope is one of an area that can be administered in a context.
    pub fn is_scope_of_contexts(scope: &str) -> bool {
        let areas = Self::ALL.iter().filter(|area| area.is_of_contexts());
        areas
            .flat_map(|area| [area.scope(Access::Read), area.scope(Access::Write)])
            .any(|known| known == scope)
    }
}

/// Reading or writing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Access {
    /// Looking.
    Read,
    /// Changing, which is looking too.
    Write,
}
