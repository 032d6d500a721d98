//! A visit: who is at the console, and what they may do now. Every request asks anew what the token and its person may do, as the admin
//! API does.

use std::sync::Arc;

use doorward_core::admin::{Access, Area, Rights, access};
use doorward_core::id::TenantId;
use doorward_core::model::User;
use doorward_core::token::read::Presented;
use doorward_core::{Ctx, Decision, Facts, Reason, Timestamp};
use doorward_store::Fault;
use doorward_store::directory::Entry;
use doorward_wire::params::Params;
use doorward_wire::percent;

use super::kept::{Kept, keep};
use super::{PREFIX, sign_in};
use crate::app::Call;
use crate::form::browser::Browser;
use crate::form::error;
use crate::page::view::console::{Bit, Cell, ConsolePage, Link, Notice, Part, Section, Shell};
use crate::page::view::{ErrorKind, Frame};
use crate::render::{self, Answer};
use crate::run::{Outcome, run_plain};

/// A visit.
pub struct Visit<'a> {
    /// The request.
    pub call: &'a Call<'a>,
    /// The browser.
    pub browser: Browser,
    /// What is asked in the query.
    pub query: Params,
    /// Who.
    pub user: User,
    /// What they may do.
    pub rights: Rights,
    /// By which token.
    pub token: String,
    /// The page's frame.
    pub frame: Frame,
    /// The cookie, where it is new.
    fresh: Option<String>,
}

/// A visit in a tenant.
pub struct Place<'a> {
    /// The visit.
    pub visit: &'a Visit<'a>,
    /// The tenant.
    pub tenant: Arc<Entry>,
}

/// An answer that ends a visit early.
pub type Early = Box<Answer>;

impl<'a> Visit<'a> {
    /// Who is there. Nobody yet: they are sent to sign in, and come back to this page.
    pub async fn begin(call: &'a Call<'a>, query: Params) -> Result<Self, Early> {
        let browser = Browser::of(call);
        let kept = match Kept::read(call).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return Err(Box::new(signing_in(call, &browser).await)),
            Err(fault) => return Err(Box::new(error::fault(call, &browser, &fault))),
        };
        let mut fresh = None;
        let kept = match (kept.expires_at.since_ms(call.app.store.now()) < 1000, kept.refresh.as_deref()) {
            (false, _) => kept,
            (true, None) => return Err(Box::new(signing_in(call, &browser).await)),
            (true, Some(token)) => match sign_in::refresh(call, token).await {
                Ok(Ok(kept)) => {
                    let sealed = kept.seal(call).await;
                    fresh = Some(sealed.map_err(|fault| Box::new(error::fault(call, &browser, &fault)))?);
                    kept
                }
                Ok(Err(_)) => return Err(Box::new(signing_in(call, &browser).await)),
                Err(failure) => return Err(Box::new(error::failed(call, &browser, &failure))),
            },
        };
        let (user, rights) = match who(call, &kept.access).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) => return Err(Box::new(signing_in(call, &browser).await)),
            Err(failure) => return Err(Box::new(error::failed(call, &browser, &failure))),
        };
        browser.knows(&user);
        let frame = browser.frame(call, None);
        let visit = Self { call, browser, query, user, rights, token: kept.access, frame, fresh };
        if visit.may_nothing() {
            let answer = visit.no_administrator();
            return Err(Box::new(visit.finish(answer)));
        }
        Ok(visit)
    }

    /// Let the browser keep what is new.
    pub fn finish(&self, mut answer: Answer) -> Answer {
        if let Some(value) = &self.fresh {
            keep(self.call, value, &mut answer);
        }
        answer
    }

    /// The first page: that of the issuer's tenant.
    pub fn home(&self) -> Answer {
        render::see_other(
            &self
                .call
                .url(&format!("{PREFIX}/tenants/{}", percent::encode(self.call.issuer.tenant.as_str()))),
        )
    }

    /// A tenant that is within reach; any other does not exist.
    pub fn place(&'a self, id: &str) -> Result<Place<'a>, Early> {
        let id = TenantId::from(id);
        let found = self.call.app.directory().tenant(&id).cloned();
        match found.filter(|_| self.rights.reaches(&id)) {
            Some(tenant) => Ok(Place { visit: self, tenant }),
            None => Err(Box::new(self.not_found())),
        }
    }

    /// There is nothing.
    pub fn not_found(&self) -> Answer {
        error::page(self.call, &self.browser, ErrorKind::NotFound, None)
    }

    /// Storage is out of reach.
    pub fn fault(&self, fault: &Fault) -> Answer {
        error::fault(self.call, &self.browser, fault)
    }

    /// The path of the console.
    pub fn home_path(&self) -> String {
        format!("{}{PREFIX}", self.call.issuer.path())
    }

    /// A text of the catalogue.
    pub fn say(&self, key: &str) -> String {
        self.frame.say(key)
    }

    /// The token of the console's forms.
    pub fn form_token(&self) -> String {
        self.browser.form_token(self.call, FORM)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.call.app.store.now()
    }

    fn may_nothing(&self) -> bool {
        let tenant = &self.call.issuer.tenant;
        let installations = (Area::Installations, Access::Read);
        !Area::ALL.iter().any(|area| self.rights.allow(tenant, *area, Access::Read).is_ok())
            && self.rights.allow_somewhere(tenant, installations.0, installations.1).is_err()
    }

    /// A person who administers nothing.
    fn no_administrator(&self) -> Answer {
        let page = ConsolePage {
            frame: self.frame.clone(),
            shell: None,
            section: None,
            trail: Vec::new(),
            title: self.say("console-nothing"),
            badges: Vec::new(),
            notice: None,
            parts: vec![
                Part::Text(self.frame.get(
                    "console-nothing-text",
                    &[("person", self.user.display_name()), ("tenant", &self.call.tenant.tenant.name)],
                )),
                Part::Links(
                    self.say("console-nothing-do"),
                    vec![
                        Link {
                            text: self.say("to-account"),
                            href: format!("{}/account", self.call.issuer.path()),
                        },
                        Link {
                            text: self.say("sign-out-button"),
                            href: format!("{}/logout", self.call.issuer.path()),
                        },
                    ],
                ),
            ],
        };
        self.browser.page(self.call, 403, &page)
    }
}

impl<'a> Place<'a> {
    /// The tenant's id.
    pub fn id(&self) -> &TenantId {
        &self.tenant.tenant.id
    }

    /// Whether something in an area may be done here.
    pub fn may(&self, area: Area, access: Access) -> bool {
        self.visit.rights.allow(self.id(), area, access).is_ok()
    }

    /// The same, or whether it may be done in some context: installations are administered so, too, and what is asked of them looks for
    /// those within reach.
    pub fn may_somewhere(&self, area: Area, access: Access) -> bool {
        let rights = &self.visit.rights;
        self.may(area, access)
            || (area == Area::Installations && rights.allow_somewhere(self.id(), area, access).is_ok())
    }

    /// It must be allowed here, or in some context.
    pub fn must_somewhere(&self, area: Area, access: Access) -> Result<(), Early> {
        if self.may_somewhere(area, access) { Ok(()) } else { self.must(area, access) }
    }

    /// Something in an area must be allowed here.
    pub fn must(&self, area: Area, access: Access) -> Result<(), Early> {
        if self.may(area, access) { Ok(()) } else { Err(Box::new(self.refused(area.scope(access)))) }
    }

    /// The page of who lacks a permission.
    pub fn refused(&self, scope: &str) -> Answer {
        let text = self.visit.say("console-lacks");
        let notice = Notice::bad(text, Some(scope.to_owned()));
        let overview = Link { text: self.say("console-overview"), href: self.path("") };
        let ways = vec![Part::Links(String::new(), vec![overview])];
        let page = self.page(None, self.visit.say("console-lacks-title"), ways);
        self.send(403, ConsolePage { notice: Some(notice), ..page })
    }

    /// A page, framed.
    pub fn page(&self, section: Option<Section>, title: String, parts: Vec<Part>) -> ConsolePage {
        ConsolePage {
            frame: self.visit.frame.clone(),
            shell: Some(self.shell()),
            section,
            trail: Vec::new(),
            title,
            badges: Vec::new(),
            notice: self.notice(),
            parts,
        }
    }

    /// Send a page.
    pub fn send(&self, status: u16, page: ConsolePage) -> Answer {
        self.visit.browser.page(self.visit.call, status, &page)
    }

    /// A path in this tenant.
    pub fn path(&self, below: &str) -> String {
        format!("{}/tenants/{}{below}", self.visit.home_path(), percent::encode(self.id().as_str()))
    }

    /// The path of an object of a list.
    pub fn of(&self, list: &str, id: &str) -> String {
        self.path(&format!("/{list}/{}", percent::encode(id)))
    }

    /// A link to an object, where its area may be read; else its id.
    pub fn link(&self, (area, list): (Area, &str), id: &str, text: &str) -> Bit {
        if self.may_somewhere(area, Access::Read) {
            Bit::Link(Link { text: text.to_owned(), href: self.of(list, id) })
        } else {
            Bit::Text(text.to_owned())
        }
    }

    /// A link to a person by id.
    pub fn user(&self, id: &str) -> Bit {
        self.link((Area::Users, "users"), id, id)
    }

    /// A link to a client by id.
    pub fn client(&self, id: &str) -> Bit {
        self.link((Area::Clients, "clients"), id, id)
    }

    /// The link of a section, for the way to a page.
    pub fn trail(&self, section: Section) -> Link {
        Link { text: self.visit.say(section.key()), href: self.path(section.path()) }
    }

    /// A field of the query, as it was typed but for spaces around it.
    pub fn asked(&self, name: &str) -> &str {
        self.visit.query.get(name).unwrap_or_default().trim()
    }

    /// A text of the catalogue.
    pub fn say(&self, key: &str) -> String {
        self.visit.say(key)
    }

    /// The same page from another place on.
    pub fn onward(&self, key: &str, list: &str, query: &[(&str, &str)]) -> Link {
        let pairs = query.iter().filter(|(_, value)| !value.is_empty());
        let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let query = Params::from_pairs(pairs).to_query();
        let mark = if query.is_empty() { "" } else { "?" };
        Link { text: self.say(key), href: format!("{}{mark}{query}", self.path(list)) }
    }

    /// What the act before has led to.
    fn notice(&self) -> Option<Notice> {
        // Anybody can write such an address: only that it is so is taken from it, no words.
        if self.visit.query.get("conflict").is_some() {
            return Some(Notice::bad(self.say("console-conflict"), None));
        }
        self.visit.query.get("done").map(|_| Notice::good(self.say("console-done")))
    }

    /// What stands around every page: the sections that may be looked at.
    pub fn shell(&self) -> Shell {
        let visit = self.visit;
        let mut sections = vec![Section::Overview];
        sections.extend(
            SECTIONS
                .iter()
                .filter(|(_, area)| self.may_somewhere(*area, Access::Read))
                .map(|(section, _)| *section),
        );
        if visit.rights.is_server_wide() {
            sections.push(Section::Tenants);
        }
        Shell {
            home: visit.home_path(),
            base: self.path(""),
            tenant: self.tenant.tenant.name.clone(),
            sections,
            person: (visit.user.display_name().to_owned(), visit.user.user_name.clone()),
            form: visit.form_token(),
        }
    }
}

/// Plain words in a cell.
pub fn text(text: impl Into<String>) -> Cell {
    vec![Bit::Text(text.into())]
}

/// An identifier in a cell.
pub fn code(text: impl Into<String>) -> Cell {
    vec![Bit::Code(text.into())]
}

/// A time in a cell; nothing where there is none.
pub fn time(at: Option<Timestamp>) -> Cell {
    at.map(|at| Bit::Time(at.seconds())).into_iter().collect()
}

/// To the sign-in, and back to what was asked; after a POST to the console's first page, for what was posted is gone.
async fn signing_in(call: &Call<'_>, browser: &Browser) -> Answer {
    let path = call.path.strip_prefix(PREFIX).filter(|_| call.request.is_read()).unwrap_or_default();
    let query = call.request.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
    sign_in::begin(call, browser, &format!("{path}{query}")).await
}

/// The person of a token, and what they may do by it now: asked as the admin API asks. A token that is not for the administration is that
/// of a person who administers nothing.
async fn who(call: &Call<'_>, token: &str) -> Outcome<(User, Rights)> {
    let presented = call.app.tokens.read(token, &call.issuer, &call.tenant.keys.ring);
    run_plain(call, access::needs(&presented), |facts, ctx| match person(&presented, facts, ctx) {
        Ok(found) => Decision::answer(found),
        Err(reason) => Decision::refuse(reason),
    })
    .await
}

fn person(presented: &Presented, facts: &Facts, ctx: &Ctx<'_>) -> Result<(User, Rights), Reason> {
    let rights = match access::caller(presented, facts, ctx) {
        Ok(caller) => caller.rights,
        Err(Reason::TokenAudience) => Rights::of(&facts.tenant.id, []),
        Err(reason) => return Err(reason),
    };
    let user = facts.grant_user().cloned().ok_or(Reason::TokenAudience)?;
    Ok((user, rights))
}

/// Sections and what they show, in the order of the navigation.
const SECTIONS: [(Section, Area); 9] = [
    (Section::People, Area::Users),
    (Section::Roles, Area::Roles),
    (Section::Contexts, Area::Contexts),
    (Section::Clients, Area::Clients),
    (Section::Extensions, Area::Extensions),
    (Section::Installations, Area::Installations),
    (Section::Apis, Area::Apis),
    (Section::Keys, Area::Keys),
    (Section::Audit, Area::Events),
];
/// The name of the console's forms: a token of one fits all of them.
pub const FORM: &str = "console";
