//! Reads of whole objects: the rows of a statement through the row mapping of its area.

use crate::statement::Statement;
use crate::value::{Row, Value};
use crate::{Fault, Store};

impl Store {
    /// What the first row says, if there is one.
    pub(crate) async fn one<T>(
        &self,
        statement: &'static Statement,
        params: &[Value],
        read: impl FnOnce(&mut Row) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let rows = self.driver().read(statement, params).await?;
        rows.into_iter().next().map(|mut row| read(&mut row)).transpose()
    }

    /// What each row says.
    pub(crate) async fn list<T>(
        &self,
        statement: &'static Statement,
        params: &[Value],
        read: impl FnMut(&mut Row) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.driver().read(statement, params).await?.iter_mut().map(read).collect()
    }
}
