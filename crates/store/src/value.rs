//! Values and rows as they travel between the store and a driver. Four types serve both engines: times are milliseconds in
//! [`Value::Int`], JSON is opaque [`Value::Text`].

use std::fmt;

use doorward_core::Timestamp;

use crate::Fault;

/// One parameter or column. Printed, it says its type and size only: what is stored is nobody's to read in a log.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// BIGINT: numbers, and times in milliseconds since the Unix epoch.
    Int(i64),
    /// TEXT.
    Text(String),
    /// BLOB or BYTEA.
    Blob(Vec<u8>),
}

/// One row of an answer. The getters take its columns in order, one each, so that a mapping reads like its SELECT.
#[derive(Debug)]
pub struct Row {
    statement: &'static str,
    taken: usize,
    columns: std::vec::IntoIter<Value>,
}

impl Value {
    /// Whether it is a text with NUL in it, which one of the engines cannot hold.
    pub fn holds_nul(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains('\0'))
    }
}

impl Row {
    /// The row of those columns; `statement` is named in faults.
    pub fn new(statement: &'static str, columns: Vec<Value>) -> Self {
        Self { statement, taken: 0, columns: columns.into_iter() }
    }

    /// The next column, whatever its type.
    pub fn value(&mut self) -> Result<Value, Fault> {
        self.taken += 1;
        self.columns.next().ok_or_else(|| self.fault("there is no such column"))
    }

    /// The next column, an integer.
    pub fn int(&mut self) -> Result<i64, Fault> {
        self.opt_int()?.ok_or_else(|| self.fault("an integer is NULL"))
    }

    /// The next column, an integer or NULL.
    pub fn opt_int(&mut self) -> Result<Option<i64>, Fault> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            Value::Text(_) | Value::Blob(_) => Err(self.fault("an integer was expected")),
        }
    }

    /// The next column, a flag stored as 0 or 1.
    pub fn flag(&mut self) -> Result<bool, Fault> {
        Ok(self.int()? != 0)
    }

    /// The next column, a time.
    pub fn time(&mut self) -> Result<Timestamp, Fault> {
        self.int().map(Timestamp)
    }

    /// The next column, a time or NULL.
    pub fn opt_time(&mut self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.opt_int()?.map(Timestamp))
    }

    /// The next column, text.
    pub fn text(&mut self) -> Result<String, Fault> {
        self.opt_text()?.ok_or_else(|| self.fault("a text is NULL"))
    }

    /// The next column, text or NULL.
    pub fn opt_text(&mut self) -> Result<Option<String>, Fault> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Int(_) | Value::Blob(_) => Err(self.fault("a text was expected")),
        }
    }

    /// The next column, bytes.
    pub fn blob(&mut self) -> Result<Vec<u8>, Fault> {
        self.opt_blob()?.ok_or_else(|| self.fault("bytes are NULL"))
    }

    /// The next column, bytes or NULL.
    pub fn opt_blob(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Blob(bytes) => Ok(Some(bytes)),
            Value::Int(_) | Value::Text(_) => Err(self.fault("bytes were expected")),
        }
    }

    /// The next column, exactly `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.blob()?.try_into().map_err(|_| self.fault("bytes of another length were expected"))
    }

    /// The next column, JSON of a `T`.
    pub fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Fault> {
        self.opt_json()?.ok_or_else(|| self.fault("JSON is NULL"))
    }

    /// The next column, JSON of a `T` or NULL.
    pub fn opt_json<T: serde::de::DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        let Some(text) = self.opt_text()? else { return Ok(None) };
        let parsed = serde_json::from_str(&text);
        parsed.map(Some).map_err(|error| self.fault(&format!("JSON cannot be read ({:?})", error.classify())))
    }

    /// The next column, a word that `parse` knows.
    pub fn word<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
        let text = self.text()?;
        parse(&text).ok_or_else(|| self.fault("an unknown word"))
    }

    /// Leaves `count` columns out.
    pub fn skip(&mut self, count: usize) -> Result<(), Fault> {
        (0..count).try_for_each(|_| self.value().map(drop))
    }

    /// A fault at the column taken last. What the column holds is never said.
    pub fn fault(&self, what: &str) -> Fault {
        Fault::new(self.statement, format!("column {}: {what}", self.taken))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(_) => f.write_str("Int"),
            Self::Text(text) => write!(f, "Text[{}]", text.len()),
            Self::Blob(bytes) => write!(f, "Blob[{}]", bytes.len()),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.0)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_value_does_not_say_what_it_holds() {
        let row = Row::new("X", vec!["secret".into(), Value::Blob(vec![115, 101]), 7.into(), Value::Null]);
        let printed = format!("{row:?}");
        assert!(
            !printed.contains("secret") && !printed.contains("115") && !printed.contains('7'),
            "{printed}"
        );
    }

    #[test]
    fn columns_are_taken_in_order_and_a_wrong_type_is_a_fault_that_names_its_column() {
        let mut row = Row::new("X", vec![1.into(), "two".into(), Value::Null, vec![3_u8].into(), "x".into()]);
        assert_eq!((row.int(), row.text(), row.opt_time()), (Ok(1), Ok("two".to_owned()), Ok(None)));
        assert_eq!(row.bytes::<2>().unwrap_err().detail, "column 4: bytes of another length were expected");
        assert_eq!(row.int().unwrap_err().detail, "column 5: an integer was expected");
        assert_eq!(row.text().unwrap_err().detail, "column 6: there is no such column");
    }
}
