//! The operator: whoever holds the data folder or the local socket. Typed orders, whether they come over the socket of a running
//! server or from a command that opened the store itself, are carried out by [`doorward_web::manage`] with every right.

mod copy;
mod doctor;
pub mod document;
mod order;
mod rewrap;

use doorward_core::Ctx;
use doorward_core::desired::Kind;
use doorward_crypto::random::SystemRandom;
use doorward_store::Store;
use doorward_web::manage::{Act, By, Done, Invitation, Link, Manage};

use crate::failure::Failure;

pub use doorward_web::manage::{Generated, InvitationRow, KeyRow};
pub use order::{Aid, Answer, Order};

/// The service.
#[derive(Clone, Debug)]
pub struct Operator {
    manage: Manage,
}

impl Operator {
    /// On that store; `sends_mail` says whether the server of these settings sends mail.
    pub fn new(store: Store, sends_mail: bool) -> Self {
        Self { manage: Manage::new(store, By::operator()).sending_mail(sends_mail) }
    }

    /// The same, where new passwords have at least so many characters.
    pub fn asking_for(self, password_min_length: u32) -> Self {
        Self { manage: self.manage.asking_for(password_min_length) }
    }

    /// Carries out an order.
    pub async fn run(&self, order: Order) -> Result<Answer, Failure> {
        let manage = &self.manage;
        Ok(match order {
            Order::Apply { document, dry_run, prune } => {
                let state = document::read(&document)?;
                applied(manage.apply(&state, dry_run, prune).await?, dry_run)
            }
            Order::Change { tenant, kind, name, set } => {
                applied(manage.change(tenant, kind, &name, set).await?, false)
            }
            Order::Copy { path } => self.copy(path).await?,
            Order::Create { tenant, kind, object } => {
                applied(manage.create(tenant, kind, object).await?, false)
            }
            Order::Doctor => self.doctor().await?,
            Order::End { tenant, incident, wish } => {
                let tenant = manage.tenant(tenant).await?;
                let receipt = manage.end_everything(&tenant, &incident, &wish, &|_| Vec::new()).await?;
                Answer::Ended { receipt }
            }
            Order::Explain { tenant, question } => {
                let tenant = manage.tenant(tenant).await?;
                Answer::Explained { explained: manage.explain(&tenant, &question).await? }
            }
            Order::Export { tenant } => {
                Answer::Document { document: document::write(&manage.export(tenant).await?)? }
            }
            Order::Import { tenant, records, dry_run } => {
                let tenant = manage.tenant(tenant).await?;
                Answer::Imported { records: manage.import(&tenant, records, dry_run).await? }
            }
            Order::Keys { tenant } => Answer::Keys { keys: manage.keys(tenant).await? },
            Order::List { tenant, kind } => objects(kind, manage.list(tenant, kind).await?),
            Order::Remove { tenant, kind, name } => applied(manage.remove(tenant, kind, &name).await?, false),
            Order::RemoveKey { tenant, kid } => Answer::Keys { keys: manage.remove_key(tenant, &kid).await? },
            Order::ResetFactor { tenant, name } => {
                let (user_name, had_factor) = manage.reset_factor(tenant, &name).await?;
                Answer::FactorReset { user_name, had_factor }
            }
            Order::RewrapKeys { new } => self.rewrap_keys(new).await?,
            Order::RotateKeys { tenant, algorithm } => {
                Answer::Keys { keys: manage.rotate_keys(tenant, algorithm).await? }
            }
            Order::Help { tenant, name, act } => {
                let act = match act {
                    Aid::EndSessions => Act::EndSessions,
                    Aid::RequirePassword => Act::RequirePassword,
                    Aid::ResetLink => Act::ResetLink,
                    Aid::SignInLink => Act::SignInLink,
                };
                helped(manage.help(tenant, &name, act).await?)
            }
            Order::Invite { tenant, email, name, by_mail, roles, contexts } => {
                let wish = Invitation { email, name, by_mail, roles, contexts };
                Answer::Invited { invitation: manage.invite(tenant, wish).await? }
            }
            Order::Invitations { tenant } => {
                Answer::Invitations { invitations: manage.invitations(tenant).await? }
            }
            Order::WithdrawInvitation { tenant, id } => {
                manage.withdraw_invitation(tenant, &id).await?;
                helped(None)
            }
            Order::SetUpLink { tenant } => {
                let Link { url, expires_at } = manage.set_up_link(tenant).await?;
                Answer::Link { url, expires_at }
            }
            Order::Show { tenant, kind, name } => {
                Answer::Object { kind, object: manage.show(tenant, kind, &name).await? }
            }
        })
    }

    fn store(&self) -> &Store {
        self.manage.store()
    }

    fn ctx<'a>(&'a self, rng: &'a mut SystemRandom) -> Ctx<'a> {
        self.manage.ctx(rng)
    }
}

fn applied(done: Done, dry_run: bool) -> Answer {
    Answer::Applied { changes: done.changes, notes: done.notes, dry_run, generated: done.generated }
}

fn helped(link: Option<Link>) -> Answer {
    let (url, expires_at) = link.map(|link| (link.url, link.expires_at)).unzip();
    Answer::Helped { url, expires_at }
}

fn objects(kind: Kind, objects: Vec<serde_json::Value>) -> Answer {
    Answer::Objects { kind, objects }
}

#[cfg(test)]
mod tests;
