//! One connection, borrowed from the pool, and what is sent over it together.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::Object;
use tokio_postgres::types::{ToSql, Type};

use super::error::Failed;
use super::param::Param;
use super::turn::Turn;
use crate::statement::Statement;
use crate::value::Value;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A connection on loan. Dropped without [`Connection::release`] (an error, a cancelled request) it is closed and not given
/// back: nobody else meets its open transaction or the rest of its answers.
pub(super) struct Connection {
    client: Option<Object>,
    /// Ends after the connection went back.
    turn: Turn,
    named: bool,
}

impl Connection {
    pub(super) fn new(client: Object, turn: Turn, named: bool) -> Self {
        Self { client: Some(client), turn, named }
    }

    /// Gives the connection back: it is in no transaction, and everything it was asked has been answered.
    pub(super) fn release(mut self) {
        self.turn.is_over();
        self.client = None;
    }

    pub(super) fn client(&self) -> &Object {
        self.client.as_ref().expect("only release() and drop(), which take the connection, empty it")
    }

    /// The rows of each query, all sent before the first answer is awaited.
    pub(super) async fn rows(
        &self,
        queries: &[(&'static Statement, &[Value])],
    ) -> Result<Vec<Vec<tokio_postgres::Row>>, Failed> {
        let mut asked: Vec<Boxed<'_, Result<Vec<tokio_postgres::Row>, tokio_postgres::Error>>> = Vec::new();
        for (statement, params) in queries {
            let prepared = self.prepared(statement).await?;
            asked.push(Box::pin(async move {
                let params: Vec<Param<'_>> = params.iter().map(Param).collect();
                match prepared {
                    Some(prepared) => self.client().query(&prepared, &plain(&params)).await,
                    None => self.client().query_typed(statement.sql, &typed(&params)).await,
                }
            }));
        }
        all(asked).await.into_iter().map(|answer| answer.map_err(Failed::from)).collect()
    }

    /// Sends `begin` and every write before the first answer is awaited; answers in order, as many as there were until one
    /// failed. The transaction stays open.
    pub(super) async fn write(
        &self,
        begin: &str,
        writes: &[(&'static Statement, &[Value])],
    ) -> Result<Vec<u64>, Failed> {
        let mut prepared = Vec::with_capacity(writes.len());
        for (statement, _) in writes {
            prepared.push(self.prepared(statement).await?);
        }
        let mut sent: Vec<Boxed<'_, Result<u64, tokio_postgres::Error>>> =
            Vec::with_capacity(writes.len() + 1);
        sent.push(Box::pin(async { self.client().batch_execute(begin).await.map(|()| 0) }));
        for ((statement, params), prepared) in writes.iter().zip(prepared) {
            sent.push(Box::pin(async move {
                let params: Vec<Param<'_>> = params.iter().map(Param).collect();
                match prepared {
                    Some(prepared) => self.client().execute(&prepared, &plain(&params)).await,
                    None => self.client().execute_typed(statement.sql, &typed(&params)).await,
                }
            }));
        }
        // After an error the server refuses the rest of the transaction, so the first error is the one that tells.
        let counts = all(sent).await.into_iter().collect::<Result<Vec<u64>, _>>()?;
        Ok(counts[1..].to_vec())
    }

    /// Runs one command without parameters.
    pub(super) async fn command(&self, text: &str) -> Result<(), Failed> {
        self.client().batch_execute(text).await.map_err(Failed::from)
    }

    async fn prepared(
        &self,
        statement: &'static Statement,
    ) -> Result<Option<tokio_postgres::Statement>, Failed> {
        if !self.named {
            return Ok(None);
        }
        Ok(Some(self.client().prepare_cached(statement.sql).await?))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

/// Waits for at most `limit`. A connection that did not answer until then is to be dropped.
pub(super) async fn within<T>(
    limit: Duration,
    future: impl Future<Output = Result<T, Failed>>,
) -> Result<T, Failed> {
    match tokio::time::timeout(limit, future).await {
        Ok(result) => result,
        Err(_) => Err(Failed::Slow(format!("no answer within {} ms", limit.as_millis()))),
    }
}

/// Waits for all. Polls them in order, so that requests on one connection are sent in order (and in one go).
pub(super) async fn all<T>(mut futures: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(move |context| {
        let mut waiting = false;
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *result = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(results.drain(..).flatten().collect()) }
    })
    .await
}

fn plain<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

fn typed<'a>(params: &'a [Param<'a>]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    params.iter().map(|param| (param as &(dyn ToSql + Sync), param.declared())).collect()
}
