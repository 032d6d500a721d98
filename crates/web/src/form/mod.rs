//! The pages' forms: what each shows, and what its POST does. In flight nothing is stored: a request between its pages is sealed in
//! the form's hidden field, bound to a cookie of the browser, and checked again at every step (design, sections 5 and 9).

pub mod account;
pub mod account_email;
pub mod account_factor;
pub mod browser;
pub mod consent;
pub mod continuation;
pub mod due_password;
pub mod error;
pub mod extension;
pub mod forgot;
pub mod hop;
pub mod join;
pub mod journey;
pub mod link;
pub mod new_password;
mod own_password;
pub mod second_factor;
mod seed;
pub mod select_account;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod strangers;
