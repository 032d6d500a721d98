//! The address claim (OpenID Connect Core, 5.1.1).

use serde::{Deserialize, Serialize};

/// A postal address. Members that are not known are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The whole address for display or a label, lines parted by `\n`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// House, street, flat; lines parted by `\n`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province, region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Address {
    /// Whether nothing is known: such a claim is left out.
    pub fn is_empty(&self) -> bool {
        *self == Address::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_pinned() {
        let address = Address {
            street_address: Some("1 Main Street".into()),
            country: Some("NL".into()),
            ..Address::default()
        };
        let text = r#"{"street_address":"1 Main Street","country":"NL"}"#;
        assert_eq!(serde_json::to_string(&address).unwrap(), text);
        assert_eq!(serde_json::from_str::<Address>(text).unwrap(), address);
        assert!(!address.is_empty());
        assert!(serde_json::from_str::<Address>("{}").unwrap().is_empty());
        assert!(serde_json::from_str::<Address>(r#"{"street":"x"}"#).is_err());
    }
}
