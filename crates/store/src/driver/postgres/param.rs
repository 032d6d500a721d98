//! [`Value`]s as parameters and columns of PostgreSQL, in its binary format.

use std::error::Error;
use std::fmt;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

use crate::Fault;
use crate::statement::Statement;
use crate::value::{Row, Value};

type AnyError = Box<dyn Error + Sync + Send>;

/// A value on its way to the server. Its `Debug` shows nothing: the driver logs parameters.
pub(super) struct Param<'a>(pub(super) &'a Value);

impl Param<'_> {
    /// The type to declare it with in a statement that is not prepared; the server infers that of NULL.
    pub(super) fn declared(&self) -> Type {
        match self.0 {
            Value::Null => Type::UNKNOWN,
            Value::Int(_) => Type::INT8,
            Value::Text(_) => Type::TEXT,
            Value::Blob(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(number) if *ty == Type::INT8 => out.put_i64(*number),
            Value::Int(number) if *ty == Type::INT4 => out.put_i32(i32::try_from(*number)?),
            Value::Text(text) if [Type::TEXT, Type::VARCHAR].contains(ty) => out.put_slice(text.as_bytes()),
            Value::Blob(bytes) if *ty == Type::BYTEA => out.put_slice(bytes),
            Value::Int(_) | Value::Text(_) | Value::Blob(_) => {
                return Err(format!("a parameter is no {ty}").into());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

struct Column(Value);

impl<'a> FromSql<'a> for Column {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, AnyError> {
        Ok(Self(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::NAME => Value::Text(String::from_sql(ty, raw)?),
            Type::BYTEA => Value::Blob(raw.to_vec()),
            _ => return Err(format!("a column is {ty}").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, AnyError> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A row as the store reads it.
pub(super) fn row(statement: &'static Statement, row: &tokio_postgres::Row) -> Result<Row, Fault> {
    let columns = (0..row.len()).map(|index| row.try_get(index).map(|Column(value)| value));
    let columns =
        columns.collect::<Result<_, _>>().map_err(|error| Fault::new(statement.name, error.to_string()))?;
    Ok(Row::new(statement.name, columns))
}
