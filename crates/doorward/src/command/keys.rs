//! `keys`.

use super::ask::ask;
use crate::cli::Keys;
use crate::failure::Failure;
use crate::operator::Order;

/// `keys …`.
pub async fn run(command: Keys) -> Result<(), Failure> {
    match command {
        Keys::List(of) => ask(&of.common, Order::Keys { tenant: of.tenant }).await,
        Keys::Rotate { algorithm, of } => {
            ask(&of.common, Order::RotateKeys { tenant: of.tenant, algorithm }).await
        }
        Keys::Rewrap { new, common } => ask(&common, Order::RewrapKeys { new }).await,
        Keys::Remove { kid, of } => ask(&of.common, Order::RemoveKey { tenant: of.tenant, kid }).await,
    }
}
