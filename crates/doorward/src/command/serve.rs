//! `serve`: the production server.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use doorward_core::desired::issuer::check_url;
use doorward_core::model::Actor;
use doorward_store::lock::LockError;
use doorward_store::{OpenError, Store};
use doorward_web::app::Options;
use doorward_web::edge::{AccessLog, Forwarding, Limits, Proxies, Tls};
use doorward_web::fetch::Policy;
use doorward_web::host::HostConfig;
use doorward_web::keys;
use doorward_web::mail::Mailer;
use doorward_web::mail::smtp::Smtp;
use doorward_web::traffic::Quotas;

use super::apply::{named, read};
use super::opening::{data_folder, is_there, key, store_config};
use crate::cli::{Output, Serve};
use crate::failure::{Exit, Failure};
use crate::house::{House, Plan, bind, notify};
use crate::operator::{Answer, Operator, Order, document};
use crate::report::style;
use crate::settings::{DatabaseSetting, Forwarded, Resolved, Settings, Sources};
use crate::{logs, output, socket};

/// `serve`.
pub async fn run(command: Serve) -> Result<(), Failure> {
    let sources = Sources::of_process(command.flags.0.config.as_deref(), command.flags.0.settings.clone())?;
    let settings = Settings::of(&Resolved::of(&sources)?)?;
    logs::start(&settings.log_format, &settings.log_level)?;
    let mut plan = check(&settings)?;
    let bootstrap =
        command.bootstrap.as_deref().map(|path| Ok::<_, Failure>((path, read(path)?))).transpose()?;
    if let (Some((path, text)), DatabaseSetting::Sqlite(file)) = (&bootstrap, &settings.database)
        && !is_there(file)?
    {
        // Before anything is made: what it leaves behind would be taken for a server that was set up.
        document::check(text, settings.password_min_length).map_err(|failure| named(failure, path))?;
    }
    data_folder(&settings.data)?;
    plan.host.access_log = access_log(&settings.access_log)?;
    for address in &settings.listen {
        plan.host.public.push(bind(*address)?);
    }
    if let Some(address) = settings.ops_listen {
        plan.host.ops =
            Some(bind(address).map_err(|failure| Failure { hint: Some(OPS_HINT.to_owned()), ..failure })?);
    }
    let mut config = store_config(&settings, settings.auto_migrate);
    config.accept_clock = command.accept_clock;
    let store = Store::open(config).await.map_err(|error| explained(error, &settings))?;
    let operator =
        Operator::new(store.clone(), settings.mail.is_some()).asking_for(settings.password_min_length);
    if store.directory().is_empty() {
        first_start(&operator, &settings, bootstrap).await?;
    } else {
        if bootstrap.is_some() {
            tracing::warn!(
                "the database is not empty: --bootstrap is passed over; `doorward apply` makes changes"
            );
        }
        remind(&store, &settings).await?;
    }
    check_issuers(&store, &settings)?;
    for tenant in store.tenants().await? {
        keys::ensure(&store, &tenant.id, &Actor::Server).await?;
    }
    let addresses: Vec<String> = plan
        .host
        .public
        .iter()
        .filter_map(|listener| listener.local_addr().ok())
        .map(|at| at.to_string())
        .collect();
    let mut house = House::start(store, plan)?;
    let task = socket::server::start(&settings.socket(), operator, house.stopped()).await?;
    house.keep(task);
    tracing::info!(
        listen = addresses.join(","),
        public_url = settings.public_url,
        version = env!("CARGO_PKG_VERSION"),
        "ready"
    );
    notify("READY=1");
    house.until_stopped().await
}

fn access_log(setting: &str) -> Result<Option<AccessLog>, Failure> {
    match setting {
        "off" => Ok(None),
        "stdout" => Ok(Some(AccessLog::stdout())),
        path => AccessLog::file(path.into()).map(Some).map_err(|error| {
            Failure::new(Exit::Config, format!("log.access: cannot write {path}: {error}"))
                .hint("off, stdout, or the path of a file in a folder that the server's user may write")
        }),
    }
}

/// Everything that can be checked without opening the database or a port.
pub fn check(settings: &Settings) -> Result<Plan, Failure> {
    let wrong = |what: String| Failure::new(Exit::Config, what);
    key(settings).check().map_err(|error| wrong(error.to_string()))?;
    let is_shared = matches!(settings.database, DatabaseSetting::Postgres(_));
    if is_shared && settings.key_encryption_key.is_none() && !settings.key_file().exists() {
        return Err(wrong("key_encryption_key is not set: on PostgreSQL it must be given, the same on every node".to_owned())
            .hint("bring it from where it is kept; for a new database make one by: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='"));
    }
    let tls = match &settings.tls {
        Some((chain, key)) => {
            let tls = Tls::from_files(chain, key).map_err(|error| wrong(format!("tls: {error}")))?;
            Some(Arc::new(tls))
        }
        None => None,
    };
    let is_open = settings.listen.iter().any(|address| !address.ip().is_loopback());
    if is_open && tls.is_none() && settings.public_url.starts_with("http://") {
        return Err(wrong(format!(
            "the server would listen on {} without TLS, reached as {}: passwords would cross the network in the clear",
            list(&settings.listen),
            settings.public_url
        ))
        .hint("set tls.certificate and tls.key, or public_url to the https address of the proxy in front"));
    }
    let networks: Result<Vec<_>, _> = settings.trusted_proxies.iter().map(|text| text.parse()).collect();
    let allow: Result<Vec<_>, _> = settings.outbound_allow.iter().map(|text| text.parse()).collect();
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let threads = match settings.password_threads {
        0 => cores.saturating_sub(1).max(1),
        threads => threads,
    };
    let mailer = match &settings.mail {
        Some(mail) => Mailer::Smtp(Arc::new(Smtp::new(mail).map_err(wrong)?)),
        None => Mailer::Off,
    };
    let limits = Limits {
        max_connections: settings.connections,
        drain: Duration::from_secs(settings.drain_seconds),
        ..Limits::default()
    };
    Ok(Plan {
        host: HostConfig {
            tls,
            proxies: Proxies {
                networks: networks.map_err(|error| wrong(format!("proxies.trusted: {error}")))?,
                forwarding: match settings.forwarded {
                    Forwarded::Forwarded => Forwarding::Forwarded,
                    Forwarded::XForwardedFor => Forwarding::XForwarded,
                },
            },
            limits,
            metrics_token: settings.metrics_token.as_ref().map(|token| token.expose().clone()),
            ..HostConfig::default()
        },
        outbound: Policy {
            allow: allow.map_err(|error| wrong(format!("outbound.allow: {error}")))?,
            ..Policy::default()
        },
        options: Options {
            durable_client_tokens: settings.durable_client_tokens,
            password_min_length: settings.password_min_length,
            mailer,
            quotas: quotas(settings)?,
        },
        passwords: Some((threads, settings.passwords_waiting)),
        notice: Duration::from_secs(settings.shutdown_grace_s),
    })
}

fn quotas(settings: &Settings) -> Result<Quotas, Failure> {
    let trusted: Result<Vec<_>, _> = settings.trusted.iter().map(|text| text.parse()).collect();
    let [protocol, pages, admin, guard] = settings.per_address;
    let trusted = trusted.map_err(|error| Failure::new(Exit::Config, format!("limits.trusted: {error}")))?;
    let (at_once, patience) = (settings.requests_at_once, Duration::from_millis(settings.requests_wait_ms));
    Ok(Quotas { protocol, pages, admin, guard, trusted, at_once, patience })
}

/// An empty database: what the bootstrap file says, or one tenant with one issuer and a link for the first administrator.
async fn first_start(
    operator: &Operator,
    settings: &Settings,
    bootstrap: Option<(&Path, String)>,
) -> Result<(), Failure> {
    if let Some((path, document)) = bootstrap {
        let order = Order::Apply { document, dry_run: false, prune: false };
        let answer = operator.run(order).await.map_err(|failure| named(failure, path))?;
        if let Answer::Applied { generated, .. } = &answer {
            if !generated.is_empty() && !std::io::stdout().is_terminal() {
                let what = "the bootstrap file asked for secrets to be generated, and there is no terminal to show them on: use `doorward client add-secret`";
                tracing::warn!("{what}");
            } else {
                told(super::ask::show(&answer, Output::Text));
            }
        }
        return Ok(());
    }
    let document = json!({ "tenants": [
        { "id": FIRST_TENANT, "name": "Main", "issuers": [{ "url": settings.public_url }] },
    ]});
    operator.run(Order::Apply { document: document.to_string(), dry_run: false, prune: false }).await?;
    let Answer::Link { url, expires_at } =
        operator.run(Order::SetUpLink { tenant: Some(FIRST_TENANT.to_owned()) }).await?
    else {
        return Ok(());
    };
    let path = settings.setup_url();
    write_private(&path, &format!("{url}\n"))
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot write {}: {error}", path.display())))?;
    if std::io::stdout().is_terminal() {
        told(output::print(&format!(
            "\n{}\nOpen this link to make the first administrator. It works once, until {expires_at}:\n\n  {url}\n\nIt is also in {}. `doorward user setup-link` makes a new one.\n\n",
            style::strong("Welcome to Doorward."),
            path.display()
        )));
    } else {
        tracing::info!(file = %path.display(), "a link for the first administrator was written; it works once, for an hour");
    }
    Ok(())
}

/// A server that was made goes on though what is said of it cannot be printed.
fn told(printed: Result<(), Failure>) {
    if let Err(failure) = printed {
        tracing::warn!("{failure}; {}", failure.hint.as_deref().unwrap_or_default());
    }
}

/// While there is nobody who could sign in, every start says how to get the first one.
async fn remind(store: &Store, settings: &Settings) -> Result<(), Failure> {
    for tenant in store.tenants().await? {
        if !store.users(&tenant.id, None, 1).await?.is_empty() {
            return Ok(());
        }
    }
    let path = settings.setup_url();
    if path.exists() {
        tracing::warn!(
            file = %path.display(),
            "nobody has been set up yet: the link in that file works for an hour after it was made; `doorward user setup-link` makes another"
        );
    } else {
        tracing::warn!(
            "nobody has been set up yet: `doorward user setup-link` makes a link for the first administrator"
        );
    }
    Ok(())
}

/// Every issuer must be one that clients can trust.
fn check_issuers(store: &Store, settings: &Settings) -> Result<(), Failure> {
    let directory = store.directory();
    let mut issuers =
        directory.tenants().flat_map(|entry| &entry.issuers).filter(|issuer| issuer.disabled_at.is_none());
    let bad = issuers.find_map(|issuer| check_url(&issuer.url).err().map(|what| (issuer.url.clone(), what)));
    if let Some((url, what)) = bad {
        return Err(Failure::new(Exit::Config, format!("the issuer {url} cannot be served: {what}"))
            .hint("change its url by `doorward apply`"));
    }
    let known =
        directory.tenants().flat_map(|entry| &entry.issuers).any(|issuer| issuer.url == settings.public_url);
    if !known {
        tracing::warn!(
            public_url = settings.public_url,
            "no issuer is at public_url; issuers are changed by `doorward apply`"
        );
    }
    Ok(())
}

/// What a database that does not open means for who starts a server.
fn explained(error: OpenError, settings: &Settings) -> Failure {
    let hint = match &error {
        OpenError::Locked(LockError::Held { .. }) => {
            Some("stop the other server, or give this one its own folder by --data".to_owned())
        }
        OpenError::Key(_) => Some(format!(
            "the key is the setting key_encryption_key, or the file {}",
            settings.key_file().display()
        )),
        _ => None,
    };
    let failure = Failure::from(error);
    Failure { hint: hint.or(failure.hint), ..failure }
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    // Made anew: an older file may have been open to others.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn list(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

const FIRST_TENANT: &str = "main";
const OPS_HINT: &str = "choose another place for operations by --ops-listen, or `none`";
