//! `explain`.

use doorward_web::manage::Explain as Question;

use super::ask::ask;
use super::secret_input;
use crate::cli::Explain;
use crate::failure::Failure;
use crate::operator::Order;

/// `explain`. A token comes by standard input: arguments are seen by everybody on the machine.
pub async fn run(command: Explain) -> Result<(), Failure> {
    let Explain { client, user, installation, scope, token, of } = command;
    let token = if token { Some(secret_input::line()?) } else { None };
    let question = Question { token, client, user, installation, scope };
    ask(&of.common, Order::Explain { tenant: of.tenant, question }).await
}
