//! Black-box tests: one file per endpoint and verb.

mod conformance;
mod happy_path;
mod manual;
