//! `dev`: the real server with an embedded database, people, an API and clients to try things out with, and a demo
//! application beside it.

mod banner;
mod folder;
mod relying_party;
mod seed;
mod sequence;
mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use doorward_core::model::Actor;
use doorward_store::{Store, StoreConfig};
use doorward_web::app::Options;
use doorward_web::edge::Tls;
use doorward_web::fetch::Policy;
use doorward_web::host::HostConfig;
use doorward_web::keys;
use doorward_web::mail::Mailer;

use crate::cli::Dev;
use crate::failure::{Exit, Failure};
use crate::house::{House, Plan, bind, notify};
use crate::operator::Operator;
use crate::report::style;
use crate::{logs, output, socket};

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The issuer of the tenant demo.
    pub issuer: String,
    /// The demo application.
    pub demo: String,
    /// The data folder.
    pub data: PathBuf,
    /// Where operations are served.
    pub ops: Option<SocketAddr>,
    /// The certificate that clients have to trust.
    pub authority: Option<PathBuf>,
}

/// `dev`.
pub async fn run(command: Dev) -> Result<(), Failure> {
    logs::start("auto", &command.log_level)?;
    folder::take(&command.data, command.fresh).await?;
    let listener = bind(command.listen)?;
    let demo_listener = bind(
        command.rp_listen.unwrap_or_else(|| SocketAddr::new(command.listen.ip(), DEMO_PORT)),
    )
    .map_err(|failure| Failure {
        hint: Some("choose another place for the demo application by --rp-listen".to_owned()),
        ..failure
    })?;
    let ops = match command.ops_listen {
        Some(address) => Some(bind(address)?),
        // Only a convenience here: a second server on this machine does without.
        None => bind(OPS).ok(),
    };
    let (address, demo_address) = (local(&listener)?, local(&demo_listener)?);
    let scheme = if command.tls { "https" } else { "http" };
    let issuer =
        command.public_url.clone().unwrap_or_else(|| format!("{scheme}://localhost:{}", address.port()));
    let issuer = issuer.trim_end_matches('/').to_owned();
    check(&issuer, &command)?;
    let demo = command.rp_url.clone().unwrap_or_else(|| beside(&issuer, demo_address.port()));
    let made = if command.tls { Some(tls::make(&command.data, &[&issuer, &demo])?) } else { None };
    let place = Place {
        issuer,
        demo: demo.trim_end_matches('/').to_owned(),
        data: command.data.clone(),
        ops: ops.as_ref().and_then(|listener| listener.local_addr().ok()),
        authority: made.as_ref().map(|made| made.authority.clone()),
    };
    let store = Store::open(StoreConfig::folder(&command.data))
        .await
        .map_err(|error| Failure::from(error).hint("--fresh starts over; --data chooses another folder"))?;
    let operator = Operator::new(store.clone(), true);
    let is_new = seed::sow(&store, &operator, &place).await?;
    for tenant in store.tenants().await? {
        keys::ensure(&store, &tenant.id, &Actor::Server).await?;
    }
    let tls =
        made.as_ref().map(|made| Tls::from_files(&made.certificate, &made.key).map(Arc::new)).transpose();
    let tls = tls.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let mailer = Mailer::memory();
    let mailbox = mailer.mailbox().cloned().unwrap_or_default();
    let demo =
        relying_party::RelyingParty::new(&place, demo_address, reachable(address), made.as_ref(), mailbox)?;
    let mut house = House::start(store, plan(listener, ops, tls, mailer))?;
    house.serve_beside(demo_listener, Arc::new(demo));
    let task = socket::server::start(&command.data.join("doorward.sock"), operator, house.stopped()).await?;
    house.keep(task);
    if is_published(address, command.tls) {
        output::complain(&format!("{} {PUBLISHED}\n", style::bad("warning:")));
    }
    if let Err(failure) = output::print(&banner::text(&place, is_new)) {
        output::complain(&format!("{} {failure}\n", style::bad("warning:")));
    }
    notify("READY=1");
    house.until_stopped().await
}

fn plan(listener: TcpListener, ops: Option<TcpListener>, tls: Option<Arc<Tls>>, mailer: Mailer) -> Plan {
    Plan {
        host: HostConfig { public: vec![listener], ops, tls, ..HostConfig::default() },
        // Key sets of clients that one writes on this machine.
        outbound: Policy {
            allow: LOOPBACK.iter().filter_map(|text| text.parse().ok()).collect(),
            ..Policy::default()
        },
        options: Options { mailer, ..Options::default() },
        ..Plan::default()
    }
}

fn check(issuer: &str, command: &Dev) -> Result<(), Failure> {
    let wrong = |what: String| Failure::new(Exit::Config, what);
    doorward_core::desired::issuer::check_url(issuer).map_err(|what| {
        wrong(format!("--public-url {issuer}: {what}")).hint("--tls makes a certificate on the spot")
    })?;
    if command.tls && issuer.starts_with("http://") {
        return Err(wrong(format!(
            "--tls and --public-url {issuer} do not go together: it must begin with https"
        )));
    }
    Ok(())
}

/// The same host at another port.
fn beside(issuer: &str, port: u16) -> String {
    let (scheme, rest) = issuer.split_once("://").unwrap_or(("http", issuer));
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = match authority.find(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or(authority),
    };
    format!("{scheme}://{host}:{port}")
}

fn local(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::new(Exit::Failed, format!("the listener has no address: {error}")))
}

/// Whether other machines reach a server whose passwords everybody knows, in the clear.
fn is_published(address: SocketAddr, tls: bool) -> bool {
    !address.ip().to_canonical().is_loopback() && !tls
}

/// Where this process reaches its own listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

const DEMO_PORT: u16 = 8081;
const PUBLISHED: &str = "the server listens for other machines too, without TLS, and everybody knows the passwords and secrets of dev: \
     whoever reaches it can sign in and read along. Listen on a loopback address, or add --tls.";
const OPS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9100);
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1"];

#[cfg(test)]
mod tests {
    use super::{beside, is_published};

    #[test]
    fn the_demo_application_is_beside_the_server() {
        for (issuer, demo) in [
            ("http://localhost:8080", "http://localhost:1"),
            ("https://id.example", "https://id.example:1"),
            ("https://[::1]:8443/t/x", "https://[::1]:1"),
        ] {
            assert_eq!(beside(issuer, 1), demo);
        }
    }

    #[test]
    fn a_listener_for_other_machines_is_warned_of() {
        for (address, tls, warned) in [
            ("127.0.0.1:1", false, false),
            ("[::1]:1", false, false),
            ("[::ffff:127.0.0.1]:1", false, false),
            ("0.0.0.0:1", false, true),
            ("[::]:1", false, true),
            ("192.0.2.1:1", false, true),
            ("0.0.0.0:1", true, false),
        ] {
            assert_eq!(is_published(address.parse().unwrap(), tls), warned, "{address}");
        }
    }
}
