//! The `display` parameter (OpenID Connect Core, 3.1.2.1). It is a wish: unknown values may be ignored.

use crate::names::names;

names! {
    /// How the pages shall be shown.
    pub enum Display {
        /// A full page: the default.
        Page = "page",
        /// A pop-up window.
        Popup = "popup",
        /// A device with a touch interface.
        Touch = "touch",
        /// A feature phone.
        Wap = "wap",
    }
}
