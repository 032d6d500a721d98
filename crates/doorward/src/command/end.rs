//! `end`.

use doorward_core::id::{ContextId, ExtensionId};
use doorward_web::manage::{Incident, Wish};

use super::ask::ask;
use crate::cli::End;
use crate::failure::{Exit, Failure};
use crate::operator::Order;

/// `end`: everything of something, with a receipt.
pub async fn run(command: End) -> Result<(), Failure> {
    let End { user, installation, extension, contributor, key, reason, dry_run, of } = command;
    let incident = user
        .map(Incident::User)
        .or(installation.map(|id| Incident::Installation(id.as_str().into())))
        .or(extension.map(|id| Incident::Extension(ExtensionId(id))))
        .or(contributor.map(|id| Incident::Contributor(ContextId(id))))
        .or(key.map(Incident::Key));
    let incident =
        incident.ok_or_else(|| Failure::new(Exit::Usage, "nothing is named that could be ended"))?;
    let wish = Wish { reason, dry_run };
    ask(&of.common, Order::End { tenant: of.tenant, incident, wish }).await
}
