//! What a row expects of an answer.

use doorward_tests::Reply;

/// What is expected of a refusal.
#[derive(Clone, Debug)]
pub struct Expected {
    /// One of these.
    faces: Vec<Face>,
    /// The reason that must be recorded exactly once.
    pub event: Option<&'static str>,
    /// Whether it is an event of its own, and not only counted.
    pub is_own: bool,
    /// The tables whose rows may change, and by how many.
    pub changes: Vec<(&'static str, i64)>,
}

/// How a refusal looks.
#[derive(Clone, Copy, Debug)]
enum Face {
    /// RFC 6749, section 5.2.
    Json { status: u16, error: &'static str },
    /// RFC 6750, section 3.
    Bearer { status: u16, error: &'static str },
    /// Our own page.
    Page { status: u16 },
    /// RFC 6749, section 4.1.2.1 and RFC 9207: to the registered URI, with the error, the state and the issuer.
    Redirect { error: &'static str, to: &'static str, state: &'static str },
    /// Whatever has this status.
    Status { status: u16 },
}

/// A JSON error.
pub fn json(status: u16, error: &'static str) -> Expected {
    Face::Json { status, error }.into()
}

/// A JSON error with a `Bearer` challenge.
pub fn bearer(status: u16, error: &'static str) -> Expected {
    Face::Bearer { status, error }.into()
}

/// A page of our own, and no redirect.
pub fn page(status: u16) -> Expected {
    Face::Page { status }.into()
}

/// A redirect to WEB's registered URI with this error.
pub fn redirect(error: &'static str) -> Expected {
    Face::Redirect { error, to: "https://app.example/cb", state: "st4te" }.into()
}

/// Any answer of this status.
pub fn status(status: u16) -> Expected {
    Face::Status { status }.into()
}

impl Expected {
    /// The redirect leads there instead.
    pub fn to(mut self, uri: &'static str) -> Self {
        for face in &mut self.faces {
            if let Face::Redirect { to, .. } = face {
                *to = uri;
            }
        }
        self
    }

    /// The redirect brings this state instead; none when empty.
    pub fn state(mut self, value: &'static str) -> Self {
        for face in &mut self.faces {
            if let Face::Redirect { state, .. } = face {
                *state = value;
            }
        }
        self
    }

    /// Or that.
    pub fn or(mut self, other: Self) -> Self {
        self.faces.extend(other.faces);
        self
    }

    /// This reason is recorded exactly once.
    pub fn event(mut self, reason: &'static str) -> Self {
        self.event = Some(reason);
        self
    }

    /// This reason is recorded exactly once, as an event of its own.
    pub fn recorded(self, reason: &'static str) -> Self {
        Self { is_own: true, ..self.event(reason) }
    }

    /// So many rows come to this table, or leave it.
    pub fn change(mut self, table: &'static str, rows: i64) -> Self {
        self.changes.push((table, rows));
        self
    }

    /// Assert that the answer looks so.
    #[track_caller]
    pub fn assert(&self, reply: &Reply) {
        let problems: Vec<String> = self.faces.iter().filter_map(|face| face.problem(reply).err()).collect();
        assert!(
            problems.len() < self.faces.len(),
            "{}\n  answered: {} {:?}\n  {}",
            problems.join("\n"),
            reply.status,
            reply.headers,
            reply.body.chars().take(600).collect::<String>()
        );
    }
}

impl From<Face> for Expected {
    fn from(face: Face) -> Self {
        Self { faces: vec![face], event: None, is_own: false, changes: Vec::new() }
    }
}

impl Face {
    fn problem(self, reply: &Reply) -> Result<(), String> {
        let of_status = |status: u16| same("status", reply.status.to_string(), status.to_string());
        let member = |name: &str| {
            let json: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
            json[name].as_str().unwrap_or_default().to_owned()
        };
        let header = |name: &str| reply.header(name).unwrap_or_default().to_owned();
        match self {
            Self::Json { status, error } => {
                of_status(status)?;
                same("error", member("error"), error.to_owned())?;
                same("content-type", header("content-type"), "application/json".to_owned())?;
                same("cache-control", header("cache-control"), "no-store".to_owned())
            }
            Self::Bearer { status, error } => {
                of_status(status)?;
                let challenge = header("www-authenticate");
                let names = challenge.starts_with("Bearer")
                    && (error.is_empty() || challenge.contains(&format!("error=\"{error}\"")));
                if names { Ok(()) } else { Err(format!("WWW-Authenticate: {challenge}, expected {error}")) }
            }
            Self::Page { status } => {
                of_status(status)?;
                same("location", header("location"), String::new())?;
                same("content-type", header("content-type"), "text/html; charset=utf-8".to_owned())?;
                let is_guarded = header("content-security-policy").contains("default-src 'none'");
                if is_guarded { Ok(()) } else { Err("a page without its policy".to_owned()) }
            }
            Self::Redirect { error, to, state } => {
                of_status(303)?;
                let location = header("location");
                let leads = location.strip_prefix(to).is_some_and(|rest| rest.starts_with(['?', '&']));
                if !leads {
                    return Err(format!("leads to {location}, expected {to}"));
                }
                let all = |name: &str| {
                    let url = url::Url::parse(&location).expect("a redirect has an absolute URL");
                    let found = url.query_pairs().filter(|(known, _)| known == name);
                    found.map(|(_, value)| value.into_owned()).collect::<Vec<_>>().join(" and ")
                };
                same("error", all("error"), error.to_owned())?;
                same("state", all("state"), state.to_owned())?;
                same("iss", all("iss"), "https://id.example".to_owned())?;
                same("code", all("code"), String::new())
            }
            Self::Status { status } => of_status(status),
        }
    }
}

fn same(what: &str, found: String, expected: String) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, expected {expected:?}")) }
}
