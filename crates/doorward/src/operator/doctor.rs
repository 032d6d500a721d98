//! What the store knows of what is not as it should be.

use super::{Answer, Operator};
use crate::failure::Failure;

impl Operator {
    /// Looks through the store.
    pub(super) async fn doctor(&self) -> Result<Answer, Failure> {
        Ok(Answer::Findings { findings: doorward_web::doctor::store(self.store()).await? })
    }
}
