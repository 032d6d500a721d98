//! What the demo application shows of a refusal: the server's in its own words, its own as a message.

/// What was refused, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DemoRefusal {
    /// By a check of the application's own: the message that says it, of [`check`].
    Checked(&'static str),
    /// By the server, or by what is between: error and description, which are English.
    Told(String, Option<String>),
}

impl DemoRefusal {
    /// What went wrong with a request before there was an answer.
    pub fn failed(what: impl ToString) -> Self {
        Self::Told("demo_application".to_owned(), Some(what.to_string()))
    }
}

/// The messages of checks.
pub mod check {
    macro_rules! checks {
        ($($name:ident = $message:literal;)*) => { $(
            #[doc = concat!("`", $message, "`")]
            pub const $name: &str = $message;
        )* };
    }

    checks! {
        ACCESS_TOKEN = "demo-check-access-token";
        AUDIENCE = "demo-check-audience";
        CODE = "demo-check-code";
        EXPIRED = "demo-check-expired";
        EXTENSION = "demo-check-extension";
        ID_TOKEN = "demo-check-id-token";
        INSTALLATION = "demo-check-installation";
        ISSUER = "demo-check-issuer";
        ISSUER_OF_TOKEN = "demo-check-issuer-of-token";
        KEY = "demo-check-key";
        METADATA = "demo-check-metadata";
        NONCE = "demo-check-nonce";
        PERSON = "demo-check-person";
        STATE = "demo-check-state";
        UNREADABLE = "demo-check-unreadable";
        USERINFO = "demo-check-userinfo";
    }
}
