//! Errands: what a client may do for itself, one thing by each scope, where it may not do all that there is in an area. No route of the API
//! takes these scopes; a wire contract has an endpoint for each that it knows.

/// An errand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Errand {
    /// A new person, who has no role.
    CreateUser,
    /// A mail by which a person chooses a new password, as the page of a forgotten password sends it.
    RecoverPassword,
}

impl Errand {
    /// Every errand.
    pub const ALL: [Self; 2] = [Self::CreateUser, Self::RecoverPassword];

    /// Its scope. Whoever may write in the area holds it, too.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::CreateUser => "admin:users.create",
            Self::RecoverPassword => "admin:users.recover",
        }
    }

    /// What it is, in English and German, for the consent page.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::CreateUser => ("Create people without roles", "Personen ohne Rollen anlegen"),
            Self::RecoverPassword => (
                "Have people mailed a link for a new password",
                "Personen einen Link für ein neues Passwort zusenden lassen",
            ),
        }
    }
}
