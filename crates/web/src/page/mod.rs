//! The pages that people see: plain display data in, HTML out (design, sections 3 and 9).
//!
//! A view knows nothing of the core or the store: handlers fill its fields and send what
//! [`View::html`] returns under the headers of its [`Policy`]. Texts come from [`text::Texts`],
//! files that pages refer to from [`asset`].

pub mod asset;
pub mod device;
pub mod locale;
pub mod moment;
pub mod policy;
pub mod qr;
pub mod scope_text;
pub mod text;
pub mod view;

pub use locale::choose;
pub use policy::Policy;
pub use text::Texts;
pub use view::{Frame, View};

#[cfg(test)]
mod tests;
