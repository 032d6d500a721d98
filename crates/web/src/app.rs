//! The application: what every request is answered with.

use std::sync::{Arc, OnceLock};

use doorward_core::id::ClientId;
use doorward_core::model::{Actor, EventKind, Issuer};
use doorward_core::policies::Mount;
use doorward_core::token::read::Presented;
use doorward_core::{Effect, Facts};
use doorward_store::directory::{Directory, Entry};
use doorward_store::{Fault, Store};

use crate::client_keys::ClientKeys;
use crate::dialect::Dialect;
use crate::edge::EdgeRequest;
use crate::endpoint::discovery::Documents;
use crate::fetch::Fetcher;
use crate::limit::FailureLimit;
use crate::logout;
use crate::mail::Mailer;
use crate::ops::{MailCounts, Metrics, WebhookCounts};
use crate::password_pool::PasswordPool;
use crate::spray::Sprays;
use crate::tally::Tally;
use crate::token_cache::TokenCache;
use crate::traffic::{OfClient, Quotas, Traffic};
use crate::webhook::{self, Opened};

/// What the server is made of. Cheap to share.
pub struct App {
    /// The store.
    pub store: Store,
    /// Where passwords are verified.
    pub passwords: PasswordPool,
    /// Public keys of clients, fetched or inline.
    pub client_keys: ClientKeys,
    /// Metadata documents, ready-made.
    pub documents: Documents,
    /// Access tokens whose signature was verified.
    pub tokens: TokenCache,
    /// Failed sign-ins per address.
    pub sign_in_failures: FailureLimit,
    /// Failed sign-ins of people whom a client sends.
    pub sign_in_failures_of_client: FailureLimit,
    /// Failed sign-ins at a tenant.
    pub sign_in_failures_of_tenant: FailureLimit,
    /// New passwords that were not taken, per link or person by whose right they were sent.
    pub choices: FailureLimit,
    /// Names that fail one after the other from one address.
    pub sprays: Sprays,
    /// Failed client authentications per client and address.
    pub client_failures: FailureLimit,
    /// Refusals that are counted instead of recorded one by one.
    pub tally: Tally,
    /// Who may ask how often, and how much is worked on at once.
    pub traffic: Arc<Traffic>,
    /// What the operations listener shows.
    pub metrics: Arc<Metrics>,
    /// Events of callers who have not shown who they are, per tenant and kind: past a bound they are only counted.
    strangers: FailureLimit,
    /// Mails that left, and that did not.
    pub mails: MailCounts,
    /// What extensions were told, and what waits.
    pub webhooks: WebhookCounts,
    /// How extensions are told.
    pub webhook_fetcher: Fetcher,
    /// By which clients are told that sessions ended; with places of its own.
    pub logout_fetcher: Fetcher,
    /// Keys that sign it.
    pub webhook_keys: Opened,
    /// How it behaves.
    pub options: Options,
}

/// Settings of the application.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the event of a client's own JWT is waited for.
    pub durable_client_tokens: bool,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// How mails leave.
    pub mailer: Mailer,
    /// Who may ask how often.
    pub quotas: Quotas,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durable_client_tokens: false,
            password_min_length: 8,
            mailer: Mailer::Off,
            quotas: Quotas::default(),
        }
    }
}

/// One request on its way: where it came to, and what it may ask of the application.
pub struct Call<'a> {
    /// The application.
    pub app: &'a App,
    /// The request, admitted by the edge.
    pub request: &'a EdgeRequest,
    /// The issuer whose mount it came to.
    pub issuer: Arc<Issuer>,
    /// The wire contract that the issuer speaks.
    pub dialect: &'static Dialect,
    /// The issuer's tenant, its APIs and keys.
    pub tenant: Arc<Entry>,
    /// The path below the mount.
    pub path: &'a str,
    /// What the stars of its route stand for in it, decoded.
    pub segments: Vec<String>,
    /// The caller's address as text, for events.
    pub address: String,
    /// The client that was named and exists, once it was loaded: for the access log.
    pub client: OnceLock<ClientId>,
    /// What is known of its client's quota.
    pub of_client: OfClient,
}

impl Call<'_> {
    /// Facts that know nothing but whose mount this is.
    pub fn facts(&self) -> Box<Facts> {
        let facts = Facts::of(
            self.tenant.tenant.clone(),
            self.issuer.clone(),
            self.tenant.apis.clone(),
            self.tenant.keys.ring.clone(),
        );
        Box::new(Facts { mail: self.sends_mail(), policies: self.dialect.policies, ..facts })
    }

    /// Where the request came to.
    pub fn mount(&self) -> Mount<'_> {
        Mount { issuer: &self.issuer, keys: &self.tenant.keys.ring, policies: self.dialect.policies }
    }

    /// The token that an API was shown, read as the issuer's wire contract has its tokens.
    pub fn borne(&self, token: &str) -> Presented {
        let ring = &self.tenant.keys.ring;
        match self.dialect.policies.id_tokens.are_borne {
            true => Presented::read_id_token(token, &self.issuer.url, ring),
            false => self.app.tokens.read(token, &self.issuer, ring),
        }
    }

    /// Whether this server sends mail: what needs it is offered.
    pub fn sends_mail(&self) -> bool {
        self.app.options.mailer.is_on()
    }

    /// What that star of the route stands for, counted from 0; nothing where it has fewer.
    pub fn segment(&self, star: usize) -> &str {
        self.segments.get(star).map_or("", String::as_str)
    }

    /// An address below the issuer.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.url)
    }

    /// The one value of a header, when it is text and stands once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.request.headers.get_all(name).iter();
        let value = values.next()?;
        if values.next().is_some() { None } else { value.to_str().ok() }
    }
}

impl App {
    /// Whether an effect of a refusal is written. An event that a stranger can cause at will is, up to so many in a minute per tenant and
    /// kind; the tally counts them all.
    pub fn is_written(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Record(event)
                if event.actor == Actor::Unknown || event.kind == EventKind::AdminDenied =>
            {
                self.strangers.begin((event.tenant.as_str(), event.kind.as_str()), self.store.now()).is_ok()
            }
            _ => true,
        }
    }

    /// An application on that store. Limits of memory and threads are those of one server.
    pub fn new(store: Store, fetcher: Fetcher, metrics: Arc<Metrics>, options: Options) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            store,
            passwords: PasswordPool::new(cores.saturating_sub(1), PASSWORDS_WAITING),
            webhook_fetcher: fetcher.apart(webhook::TOTAL, webhook::PLACES),
            logout_fetcher: fetcher.apart(webhook::TOTAL, logout::PLACES),
            webhook_keys: Opened::default(),
            webhooks: WebhookCounts::default(),
            client_keys: ClientKeys::new(fetcher),
            documents: Documents::default(),
            tokens: TokenCache::default(),
            sign_in_failures: FailureLimit::new(FAILED_SIGN_INS, FAILURE_WINDOW_MS),
            sign_in_failures_of_client: FailureLimit::new(FAILED_OF_CLIENT, 60_000),
            sign_in_failures_of_tenant: FailureLimit::new(FAILED_OF_TENANT, 60_000),
            choices: FailureLimit::new(CHOICES, FAILURE_WINDOW_MS),
            sprays: Sprays::new(SPRAYED_NAMES, FAILURE_WINDOW_MS),
            client_failures: FailureLimit::new(FAILED_CLIENTS, FAILURE_WINDOW_MS),
            strangers: FailureLimit::new(STRANGERS_RECORDED, 60_000),
            tally: Tally::default(),
            mails: MailCounts::default(),
            traffic: Arc::new(Traffic::new(options.quotas.clone())),
            metrics,
            options,
        }
    }

    /// The directory as it is now.
    pub fn directory(&self) -> Arc<Directory> {
        self.store.directory()
    }

    /// Log a storage fault; what the caller sees is always 503.
    pub fn note_fault(&self, fault: &Fault, request_id: &str) {
        self.metrics.fault(fault.during);
        tracing::error!(request.id = request_id, fault.during = fault.during, fault.detail = %fault.detail, "storage trouble");
    }
}

/// Sign-ins that wait for a password thread; more are told to come back.
const PASSWORDS_WAITING: usize = 64;
/// Failed sign-ins of one address in ten minutes.
const FAILED_SIGN_INS: u32 = 100;
/// Failed sign-ins, in a minute, of people whom one client sends, from browsers that they had not signed in with before.
const FAILED_OF_CLIENT: u32 = 600;
/// The same of a whole tenant, so that one client's people do not use up what the others have.
const FAILED_OF_TENANT: u32 = 1200;
/// Names that fail from one address in ten minutes before that is told as a spray.
const SPRAYED_NAMES: usize = 20;
/// Failed authentications of one client from one address in ten minutes.
const FAILED_CLIENTS: u32 = 100;
/// Events of strangers in a minute, per tenant and kind.
const STRANGERS_RECORDED: u32 = 60;
/// New passwords that are not taken of one link, in ten minutes.
const CHOICES: u32 = 30;
const FAILURE_WINDOW_MS: i64 = 600_000;
