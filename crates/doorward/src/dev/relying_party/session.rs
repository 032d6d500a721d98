//! What the demo remembers of a browser.

/// A browser's session.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// A sign-in that has begun.
    pub pending: Option<Pending>,
    /// A sign-in that has been finished.
    pub signed_in: Option<SignedIn>,
}

/// What the answer of a sign-in must fit.
#[derive(Clone, Debug)]
pub struct Pending {
    /// `state`.
    pub state: String,
    /// `nonce`.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
}

/// What a sign-in brought.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The ID token, verified.
    pub id_token: String,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// Scopes that were issued.
    pub scope: String,
    /// When the access token ends; seconds.
    pub expires_at: i64,
    /// How often it was refreshed.
    pub refreshed: u32,
    /// The last answer of userinfo, formatted.
    pub userinfo: Option<String>,
    /// A call that was refused: error and description.
    pub problem: Option<(String, String)>,
}
