//! Mails to people: what they are sent for, and what their links do.

mod forgotten;
